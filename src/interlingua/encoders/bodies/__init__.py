"""One file a body: Config and Body, as encoders/body.py says."""

"""One file a published training system: Config, run(config) and a header of facts."""

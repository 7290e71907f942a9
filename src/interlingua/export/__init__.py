"""Encoders to engines, checked against the encoder's own vectors."""

"""Encoders without torch: exported ones, and those behind a server."""

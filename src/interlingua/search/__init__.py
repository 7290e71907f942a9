"""Exact and approximate neighbours."""

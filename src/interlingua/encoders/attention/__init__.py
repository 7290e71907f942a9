"""Attention over packed rows, for our own layers and published ones."""

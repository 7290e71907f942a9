"""Longer ways through the rooms below, and their reports."""

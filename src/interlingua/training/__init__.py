"""The one way in which recipes train."""

"""Margin scores, mining, alignment, cleaning."""

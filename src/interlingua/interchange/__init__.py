"""Models that other projects wrote."""

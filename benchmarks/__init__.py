"""What measures the project; a package, as others install one of this name."""

"""Data lists of departments as their pages show them."""

"""Pages of patrol flights."""

"""Motor vehicles: what a registry calls them, what they give off in a year, and whose share that is."""

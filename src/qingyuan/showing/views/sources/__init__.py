"""Pages of the list of fixed sources."""

"""The list of fixed sources, as its pages show it."""

"""Pages on what was emitted, and on the tax on it."""

"""Questions to the standards as forms, and their answers."""

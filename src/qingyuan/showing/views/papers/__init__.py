"""Pages about what is written down of enterprises and reaches."""

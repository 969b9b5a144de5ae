"""The fleet of the district and what it gives off, for pages."""

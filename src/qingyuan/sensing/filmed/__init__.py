"""Clips and stills of cameras before they are rows: what their bytes say, and what their names say. No database."""

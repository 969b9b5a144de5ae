"""Drives of monitors that move, kept as rows so that lists and maps need not cut them out of positions."""

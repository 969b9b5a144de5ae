"""Scans of lidars into rows."""

"""Clips and stills into rows and files: once each, of a camera that the sender may speak for."""

"""Patrol flights: where they flew, what they covered, and what was filmed where."""

"""Compiled loops of the detectors that look at very many stretches, shifts or windows.

The modules here take `numba`: half a second to load and some 80 MB. So a detector imports what it needs when it first
looks, and processes that never look do without. At the first call ever a loop is compiled, and kept for the next start.
"""

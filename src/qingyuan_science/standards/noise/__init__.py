"""Noise: levels as energy means, limits by zone and period, background correction."""

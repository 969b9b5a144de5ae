"""The signals: what changes with time. Noise, ordinary days, the true episodes, and what instruments make of them."""

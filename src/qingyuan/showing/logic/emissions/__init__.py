"""What outlets emitted: sums by enterprise and outlet, what stands in for gaps, and the tax on it."""

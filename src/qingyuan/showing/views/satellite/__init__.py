"""Pages of what satellites see: suspected problems, spots, and the files that bring them."""

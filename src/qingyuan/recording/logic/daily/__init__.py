"""One valid value a day, kept for whoever looks at months and years."""

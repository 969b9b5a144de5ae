"""Environmental protection tax: equivalents of pollutants, which of them are taxed, and how much."""

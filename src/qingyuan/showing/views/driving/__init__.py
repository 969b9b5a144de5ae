"""Pages of drives of mobile monitors."""

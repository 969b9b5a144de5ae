"""Pages of what other departments hold."""

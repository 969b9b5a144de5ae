"""Pages of motor vehicles."""

"""What comes that is no reading: what satellites and lidars see, and what others foretell."""

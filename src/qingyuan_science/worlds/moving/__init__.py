"""What moves through the world and measures, or looks around in it."""

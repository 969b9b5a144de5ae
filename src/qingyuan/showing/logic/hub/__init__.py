"""The dispatch hub: what every department delivers, and what came of it."""

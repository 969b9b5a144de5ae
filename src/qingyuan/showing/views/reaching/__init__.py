"""How people are reached, and the messages that went out."""

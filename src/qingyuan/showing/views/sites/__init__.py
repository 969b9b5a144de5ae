"""Pages about building sites and about what the authority set for itself."""

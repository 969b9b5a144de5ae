"""How building sites stand beside what the authority set for itself."""

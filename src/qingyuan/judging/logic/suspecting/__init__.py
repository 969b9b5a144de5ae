"""From what satellites saw to suspected problems, and from these to clues."""

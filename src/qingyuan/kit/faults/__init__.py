"""What is wrong with data that came in, for people: a title for each fault, and its sentence in their language."""

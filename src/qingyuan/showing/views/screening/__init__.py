"""Pages of screening: the saved queries, what their runs listed, and entering it as clues."""

"""Screening for people: words and addresses, what became of what was listed, and the workbook."""

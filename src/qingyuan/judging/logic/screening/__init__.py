"""Screening: saving what is asked, running it, and entering what it lists as clues (doors in `judging.api`)."""

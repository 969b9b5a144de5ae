"""Days that leave the hot table for the lake, and come back."""

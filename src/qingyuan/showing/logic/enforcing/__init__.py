"""What an enforcement officer needs around cases and enterprises."""

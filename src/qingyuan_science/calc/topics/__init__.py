"""The topics, one file each."""

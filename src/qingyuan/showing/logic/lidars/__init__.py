"""What pages about scans of lidars show."""

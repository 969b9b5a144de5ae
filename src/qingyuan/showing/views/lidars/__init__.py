"""Pages of lidars and their scans."""

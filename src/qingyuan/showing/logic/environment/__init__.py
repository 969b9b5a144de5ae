"""Environment quality of air and water out of stored readings, by station, area and time."""

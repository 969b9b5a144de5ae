"""The scene: what does not change with time. Land, grid, enterprises, stations, people; their data in ``tables``."""

"""Pages of cameras: what they filmed, beside what was measured."""

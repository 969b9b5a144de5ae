"""Grades: one file each, loaded by being in this folder."""

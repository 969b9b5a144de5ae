"""Procedure: time limits and working days, classes of outfalls, grades of firms, the register of standards."""

"""Codes of firms, sites, outlets, places and devices: taken apart, checked, made where their rule is known."""

"""Devices and their packets, for people."""

"""Warnings before a limit is passed, from forecasts."""

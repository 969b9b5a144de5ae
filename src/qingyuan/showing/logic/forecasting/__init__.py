"""Forecasts in the words of pages."""

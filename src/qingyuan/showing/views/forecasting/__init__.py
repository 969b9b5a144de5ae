"""Pages of forecasts and of what they were worth."""

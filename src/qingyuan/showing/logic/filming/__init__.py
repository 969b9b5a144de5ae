"""What cameras filmed, laid out on the axis of time on which readings stand."""

"""What arrived, as it came: bytes in chained segments, and where each packet lies in them."""

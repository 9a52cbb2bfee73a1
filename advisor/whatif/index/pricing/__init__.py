"""What a statement would cost with indexes that do not exist."""

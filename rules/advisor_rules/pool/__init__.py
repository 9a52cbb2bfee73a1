"""Rules on connection pools."""

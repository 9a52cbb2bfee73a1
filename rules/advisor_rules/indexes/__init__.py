"""Rules on indexes: missing, unused, duplicate, invalid."""

"""Rules on caches."""

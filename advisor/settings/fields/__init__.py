"""Types of single settings."""

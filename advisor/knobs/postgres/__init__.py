"""The knobs on the database itself."""

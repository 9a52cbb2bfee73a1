"""Databases of the shape that open-source applications have: many tables, keys and indexes of their own."""

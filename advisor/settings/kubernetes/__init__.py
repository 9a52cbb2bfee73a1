"""Clusters: what is read of them, and the guide's chapters on them."""

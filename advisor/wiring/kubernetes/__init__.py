"""Clusters, and what their containers use, joined."""

"""Reads one Redis-compatible server."""

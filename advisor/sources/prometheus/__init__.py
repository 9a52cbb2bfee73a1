"""Reads Prometheus: signals, samples, instances, and what it recorded."""

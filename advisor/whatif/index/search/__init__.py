"""Finds the set of indexes that serves a workload best."""

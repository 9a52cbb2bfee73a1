"""Reads what containers used from Prometheus, by grouped queries, and joins it to their workloads."""

"""Simulated trials: what Prometheus would show of an application before and after a change of known effect."""

"""Prometheus-driven auto-tuning advisor: find the one bottleneck that costs most, change one knob, measure, keep or undo."""

__version__ = "0.1.0"

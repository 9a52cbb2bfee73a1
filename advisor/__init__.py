"""Finds the one bottleneck that costs most, changes one knob, measures, keeps the change or puts it back."""

__version__ = "0.1.0"

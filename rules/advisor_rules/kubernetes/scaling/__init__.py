"""Autoscalers: what a demand asks of them, their metrics and speed, and changes of them as text."""

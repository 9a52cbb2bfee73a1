"""How `judge.py` plays trials, counts how they end, and holds that against the bars."""

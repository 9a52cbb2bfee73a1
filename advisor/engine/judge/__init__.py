"""What a trial proves. Pure, all of it; `judge.py` is the entry."""

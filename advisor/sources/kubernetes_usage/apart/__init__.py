"""Looks in a process of their own: what one takes for a moment goes back whole, and no thread waits for it."""

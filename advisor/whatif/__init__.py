"""Predict one kind of effect each, before anything is touched."""

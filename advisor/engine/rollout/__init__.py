"""The life of a change: begun, watched, kept or put back."""

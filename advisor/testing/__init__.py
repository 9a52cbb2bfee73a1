"""The complete doubles of every port, and ready-made words of the domain.

For our own tests, and for whoever writes a rule, a source or a knob of his own.
"""

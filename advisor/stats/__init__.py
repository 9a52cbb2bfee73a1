"""Pure numbers: no clock, no randomness, no I/O."""

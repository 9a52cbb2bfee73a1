"""Which proposal comes next, if any, and why each other one waits. Pure, all of it."""

"""The walk, one module a stage. `cycle` is the table of contents."""

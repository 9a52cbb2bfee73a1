"""The knobs that agents inside an application move, through a board."""

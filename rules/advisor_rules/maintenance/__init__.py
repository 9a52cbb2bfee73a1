"""Rules on a database's state of repair."""

"""What a statement is. Pure; libpq's own grammar through postgast, loaded when the first statement is read."""

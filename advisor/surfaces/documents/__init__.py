"""Views laid out for people: titles, facts and tables."""

"""Objects of a cluster as rules speak of them: their names, what is left alone, and changes of them as text."""

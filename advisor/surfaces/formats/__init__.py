"""A document on a terminal, as text, JSON, YAML, CSV, Markdown or HTML."""

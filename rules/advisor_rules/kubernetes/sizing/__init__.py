"""How requests and limits follow from usage, and what speaks against a size."""

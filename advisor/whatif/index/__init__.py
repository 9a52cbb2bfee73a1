"""Prices indexes that do not exist: by HypoPG where it is installed, else from the table's statistics."""

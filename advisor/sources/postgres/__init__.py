"""Reads one Postgres database: statements, tables, indexes, activity, settings. Never writes."""

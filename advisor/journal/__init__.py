"""The durable record of every change: SQLite by default, Postgres by URL."""

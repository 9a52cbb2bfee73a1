"""Plain data, one module a document: what JSON, the HTTP API, Slack and pages all render."""

"""Notices that nobody can answer: Microsoft Teams and a signed webhook."""

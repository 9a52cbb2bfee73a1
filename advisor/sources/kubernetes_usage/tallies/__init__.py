"""Points of whole answers, added up by workload, container and day."""

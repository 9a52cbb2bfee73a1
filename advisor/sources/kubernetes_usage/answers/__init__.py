"""What Prometheus answers about containers: asked within a budget, and which container a series is about."""

"""A cluster as kube-state-metrics tells of it, where there is no API."""

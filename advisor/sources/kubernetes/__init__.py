"""Reads the objects of a cluster, from its API server or from manifests."""

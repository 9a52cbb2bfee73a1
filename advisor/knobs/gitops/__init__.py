"""Moves what a cluster is made from: a change is a commit in a repository of manifests, and is undone by its revert."""

"""Manifests as people wrote them: where a value stands in the text, and how to change that and nothing else."""

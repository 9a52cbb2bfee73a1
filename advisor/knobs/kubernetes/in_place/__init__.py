"""Sizes of pods that run: some are resized in place, as the canary of what all get by a rollout."""

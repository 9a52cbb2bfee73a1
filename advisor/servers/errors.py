"""What can go wrong with a server of our own."""

from advisor.model.errors import PermanentError


class ServerUnavailableError(PermanentError):
    """A program that the demo or a test needs is missing, or did not become ready in time."""

"""What serves people or other programs beside the walk, for as long as the daemon runs."""

from typing import Protocol


class Surface(Protocol):
    """Has threads or connections of its own.

    It never calls the walk: what it is told it queues, and what it wants it stores.
    """

    @property
    def name(self) -> str:
        """What the log calls it, such as "web" or "slack"."""

    def start(self) -> None:
        """Begin to serve. Raises ConfigurationError for what cannot be served."""

    def stop(self) -> None:
        """End within some seconds; what was not sent is kept for the next start."""

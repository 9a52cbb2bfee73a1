"""What listens to Slack, for as long as the daemon runs, whichever way presses arrive."""

from advisor.surfaces.slack.hearing.approvers import Approvers
from advisor.surfaces.slack.hearing.replies import Replies


class Hearing:
    """Implements Surface."""

    name = "slack-hearing"

    def __init__(self, approvers: Approvers, replies: Replies) -> None:
        self._approvers = approvers
        self._replies = replies

    def start(self) -> None:
        """Knows who may decide before anybody presses, if Slack answers."""
        self._approvers.read_ahead()

    def stop(self) -> None:
        self._replies.stop()

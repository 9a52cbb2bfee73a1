"""Who tells people elsewhere what the walk does: Slack, Microsoft Teams, a webhook of your own."""

from typing import Protocol

from advisor.ports.events import AlertListener, ChangeListener, DiagnosisListener
from advisor.ports.surface import Surface
from advisor.settings.policy import Mode


class Notifier(Surface, ChangeListener, DiagnosisListener, AlertListener, Protocol):
    """Takes note of what it is told, and sends from a thread of its own as long as this process leads.

    What cannot be sent now is sent later, also after a restart; the walk never waits for it.
    """

    mode: Mode
    """That of the settings in force."""

    @property
    def problem(self) -> str:
        """Why nothing arrives and what a person can do about it; "" while all is well. Never a secret."""

    def day_begins(self) -> None:
        """It is the hour of the daily digest. Raises JournalError."""

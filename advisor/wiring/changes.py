"""A person's word on a change, as the command line, the HTTP API and Slack take it."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from advisor.clock import SystemClock
from advisor.engine.approvals import Approvals
from advisor.journal.repository import SqlJournal, open_journal
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.settings.schema import Settings
from advisor.surfaces.change_log import ChangeLog


def approvals_on(
    journal: SqlJournal, settings: Settings, listeners: Sequence[ChangeListener], clock: Clock
) -> Approvals:
    """By the policy of `settings`. listeners: are told what was decided."""
    return Approvals(journal=journal, listeners=listeners, clock=clock, two_people=settings.policy.two_people)


@contextmanager
def approvals_of(settings: Settings) -> Iterator[Approvals]:
    """On the journal of the settings. Raises ConfigurationError, JournalError."""
    with closing(open_journal(settings.journal.url)) as journal:
        yield approvals_on(journal, settings, (ChangeLog(),), SystemClock())

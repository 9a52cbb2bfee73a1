"""A person's word on a change, given on the command line."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from advisor.clock import SystemClock
from advisor.engine.approvals import Approvals
from advisor.journal.repository import open_journal
from advisor.settings.schema import Settings
from advisor.surfaces.change_log import ChangeLog


@contextmanager
def approvals_of(settings: Settings) -> Iterator[Approvals]:
    """On the journal of the settings. Raises ConfigurationError, JournalError."""
    with closing(open_journal(settings.journal.url)) as journal:
        yield Approvals(
            journal=journal,
            listeners=(ChangeLog(),),
            clock=SystemClock(),
            two_people=settings.policy.two_people,
        )

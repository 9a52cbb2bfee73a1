"""Politely: at a quiet moment, behind nobody's long transaction, and no lock is waited for long."""

from dataclasses import replace

import psycopg
from psycopg import sql

from advisor.clients.postgres import PostgresSession, first_line
from advisor.knobs.postgres.builder_session import LATER
from advisor.model.errors import KnobBusyError, KnobError
from advisor.model.knob import KnobState, KnobStatus
from advisor.resilience.retries import Retries, tried
from advisor.settings.postgres import QuietSettings


class QuietMoment:
    """Whether this is one, and how a statement is run in it."""

    def __init__(self, settings: QuietSettings) -> None:
        self._settings = settings

    def obstacle(self, session: PostgresSession, *, behind_transactions: bool) -> str:
        """What makes this no moment for a change; "" when nothing does.

        behind_transactions: the work would wait for old transactions, or be in vain while they last.
        """
        active, most = int(session.rows("active")[0]["sessions"]), self._settings.most_active
        if active > most:
            return f"no quiet moment: {active} sessions are active, postgres.quiet.most_active allows {most}"
        oldest = session.rows("longest_transaction") if behind_transactions else []
        if oldest and oldest[0]["seconds"] > self._settings.longest_transaction_seconds:
            pid, who, seconds = oldest[0]["pid"], oldest[0]["who"], oldest[0]["seconds"]
            return f"a transaction of {who} (pid {pid}) has been open for {seconds:.0f} s and would hold it up"
        return ""

    def weighed(self, session: PostgresSession, status: KnobStatus, *, behind_transactions: bool) -> KnobStatus:
        """`status`, which says whether a change that is still to be made should wait."""
        if status.kind is not KnobState.OLD:
            return status
        return replace(status, not_now=self.obstacle(session, behind_transactions=behind_transactions))

    def check(self, session: PostgresSession, where: str, *, behind_transactions: bool) -> None:
        """Raises KnobBusyError when this is no moment for a change."""
        obstacle = self.obstacle(session, behind_transactions=behind_transactions)
        if obstacle:
            raise KnobBusyError(obstacle, where=where, fix="it is tried again later")

    def run(self, session: PostgresSession, statement: sql.Composed, where: str) -> None:
        """Execute; a lock that is not to be had is tried for again a few times.

        Raises KnobBusyError when it was given up, KnobError when it can never succeed.
        """
        settings = self._settings
        retries = Retries(
            attempts=settings.attempts,
            first_pause_seconds=settings.pause_seconds,
            longest_pause_seconds=settings.pause_seconds,
            within_seconds=None,
        )
        try:
            tried(lambda: session.run(statement), retries, on=psycopg.errors.LockNotAvailable)
        except psycopg.errors.LockNotAvailable as error:
            raise KnobBusyError(f"no lock in {settings.attempts} tries: {first_line(error)}", where=where) from error
        except psycopg.Error as error:
            kind = KnobBusyError if isinstance(error, LATER) else KnobError
            raise kind(first_line(error), where=where) from error

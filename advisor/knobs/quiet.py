"""Waits politely: for the window, for a quiet moment, behind nobody's long transaction, and not for ever."""

from collections.abc import Callable
from datetime import datetime, time

import psycopg
from psycopg import sql

from advisor.knobs.builder_session import LATER, BuilderSession, first_line
from advisor.model.errors import KnobBusyError, KnobError
from advisor.patience.retries import Retries, tried
from advisor.ports import Clock
from advisor.settings.connections import QuietSettings


class QuietMoment:
    """sleep: how to wait between two looks."""

    def __init__(self, settings: QuietSettings, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._settings = settings
        self._clock = clock
        self._sleep = sleep

    def wait(self, session: BuilderSession, where: str, *, behind_transactions: bool) -> None:
        """Return at a quiet moment. Raises KnobBusyError with the reason when there is none to be had.

        behind_transactions: the work would wait for old transactions, or be in vain while they last.
        """
        if not in_window(self._settings.window, self._clock.now()):
            raise KnobBusyError(f"it is not between {self._settings.window} UTC", where=where)
        if behind_transactions:
            self._check_transactions(session, where)
        seen = []
        for attempt in range(self._settings.attempts):
            if attempt:
                self._sleep(self._settings.pause_seconds)
            seen.append(int(session.rows("active")[0]["sessions"]))
            if seen[-1] <= self._settings.most_active:
                return
        raise KnobBusyError(
            f"no quiet moment in {len(seen)} looks: {min(seen)} sessions or more were active, "
            f"{self._settings.most_active} are allowed",
            where=where,
            fix="it is tried again later; see postgres.quiet",
        )

    def run(self, session: BuilderSession, statement: sql.Composed, where: str) -> None:
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
            tried(lambda: session.execute(statement), retries, on=psycopg.errors.LockNotAvailable)
        except psycopg.errors.LockNotAvailable as error:
            raise KnobBusyError(f"no lock in {settings.attempts} tries: {first_line(error)}", where=where) from error
        except psycopg.Error as error:
            kind = KnobBusyError if isinstance(error, LATER) else KnobError
            raise kind(first_line(error), where=where) from error

    def _check_transactions(self, session: BuilderSession, where: str) -> None:
        oldest = session.rows("longest_transaction")
        if oldest and oldest[0]["seconds"] > self._settings.longest_transaction_seconds:
            pid, who, seconds = oldest[0]["pid"], oldest[0]["who"], oldest[0]["seconds"]
            raise KnobBusyError(
                f"a transaction of {who} (pid {pid}) has been open for {seconds:.0f} s and would hold it up",
                where=where,
                fix="it is tried again when that has ended",
            )


def in_window(window: str | None, now: datetime) -> bool:
    """Whether the time of day of `now` (UTC) is in `window`, such as "22:00-05:00"; always without one."""
    if window is None:
        return True
    start, end = (time.fromisoformat(part) for part in window.split("-"))
    at = now.time()
    return start <= at < end if start <= end else at >= start or at < end

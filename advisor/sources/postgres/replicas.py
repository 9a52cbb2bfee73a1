"""How long each index has gone unread, on every server that could read it: this one and the replicas named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import SecretStr

from advisor.clients.postgres import PostgresSession
from advisor.model.database.workload import Index
from advisor.model.errors import AdvisorError
from advisor.ports.clock import Clock
from advisor.sources.postgres.look import RawLook
from advisor.sources.postgres.session import read_only_session

_EVERY_SECONDS = 300.0
"""An index is unused for days or not at all: replicas need not be asked at every look."""
_LONGEST_SECONDS = 2.0
"""One replica that is down must not take the time of the whole look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Of one index on one server. idle_seconds: since the last one, as far as it is known; None where it is not."""

    scans: int
    idle_seconds: float | None


IndexReads = Mapping[tuple[str, str], Reads]
"""By schema and name."""


def index_reads(session: PostgresSession) -> IndexReads:
    return {
        (row["schema"], row["name"]): Reads(scans=row["scans"], idle_seconds=row["idle_seconds"])
        for row in session.rows("index_reads")
    }


class ReplicaReader:
    """Asks the replicas that the settings name."""

    def __init__(self, dsns: Sequence[SecretStr], timeout_seconds: float, clock: Clock) -> None:
        self._dsns = dsns
        self._timeout_seconds = min(timeout_seconds, _LONGEST_SECONDS)
        self._clock = clock
        self._asked_at: float | None = None
        self._reads: list[IndexReads] = []
        self._problem = ""

    def joined(self, look: RawLook) -> tuple[RawLook, str]:
        """`look` with the reads of every server in its indexes, and what is wrong with the replicas, or ""."""
        now = self._clock.monotonic()
        if self._dsns and (self._asked_at is None or now - self._asked_at >= _EVERY_SECONDS):
            self._asked_at = now
            self._ask()
        problem = self._problem or _unnamed(look, len(self._dsns))
        if look.is_in_recovery or problem:
            return replace(look, indexes=tuple(replace(index, idle_seconds=None) for index in look.indexes)), problem
        return replace(look, indexes=tuple(_joined(index, self._reads) for index in look.indexes)), ""

    def _ask(self) -> None:
        self._reads, self._problem = [], ""
        for dsn in self._dsns:
            try:
                with read_only_session(dsn, self._timeout_seconds) as session:
                    self._reads.append(index_reads(session))
            except AdvisorError as error:
                self._problem = f"a replica cannot be asked which indexes it reads, so none counts as unused: {error}"


def _unnamed(look: RawLook, named: int) -> str:
    """A replica that follows and is not named keeps every index in use; only where some are named is that a fault."""
    if look.is_in_recovery or look.standbys <= named:
        return ""
    return (
        f"{look.standbys} replicas follow and {named} are named in postgres.replica_dsns: "
        "no index counts as unused before every one is asked"
    )


def _joined(index: Index, replicas: Sequence[IndexReads]) -> Index:
    """An index that one server does not show is not known to be idle."""
    there = [reads.get((index.schema, index.name)) for reads in replicas]
    everywhere = [(index.scans, index.idle_seconds), *((r.scans, r.idle_seconds) if r else (0, None) for r in there)]
    idle = [seconds for _, seconds in everywhere if seconds is not None]
    return replace(
        index,
        scans=sum(scans for scans, _ in everywhere),
        idle_seconds=min(idle) if len(idle) == len(everywhere) else None,
    )

"""The journal on SQLAlchemy. Implements the ports Journal, Fights, Epochs and KillSwitch.

Every write happens in one transaction that first checks the epoch: a process whose term is over can write nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from advisor.journal.connection import make_engine, parse_url, translated
from advisor.journal.notebook import SqlNotebook
from advisor.journal.records import from_json, to_json
from advisor.journal.revision import bring_to_head, check_head, writing_at_head
from advisor.journal.tables import changes, epochs, pauses, snoozes, writes
from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, Pause, State
from advisor.model.errors import (
    AmbiguousIdError,
    ChangeAlreadyOpenError,
    ConflictError,
    JournalError,
    StaleEpochError,
)
from advisor.model.term import Term
from advisor.ports.journal import Page

_THE_PAUSE = 1
_SUMMARY = func.coalesce(changes.c.summary, changes.c.document)
"""A change without its samples, which are most of it; former versions stored no summary."""
_PLACE = select(changes.c.id, changes.c.version)
_MOST_KEPT = 200
"""Changes that are kept in memory, without their samples."""


def open_journal(url: SecretStr | str, *, read_only: bool = False) -> "SqlJournal":
    """The journal at `url`, its tables made or migrated where needed; with `read_only` nothing is made or changed.

    Raises ConfigurationError for a bad URL, JournalError when it is out of reach, missing or of a newer version.
    """
    parsed = parse_url(url)
    engine = make_engine(parsed, read_only=read_only)
    try:
        with translated(parsed):
            if not read_only:
                bring_to_head(engine, parsed)
            with engine.connect() as connection:
                check_head(connection)
    except JournalError:
        engine.dispose()
        raise
    return SqlJournal(engine, parsed)


class SqlJournal:
    """Changes, epochs and the pause. May be used from several threads; close it when done."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self._engine = engine
        self._url = url
        self._read: dict[tuple[str, int], ChangeRecord] = {}
        self._latest: ChangeRecord | None = None

    def close(self) -> None:
        self._engine.dispose()

    # ---- changes

    def open_change(self, environment: str) -> ChangeRecord | None:
        here = _PLACE.where(changes.c.environment == environment, changes.c.is_open)
        with self._reading() as connection:
            return self._whole(connection, connection.execute(here).one_or_none())

    def add(self, record: ChangeRecord) -> ChangeRecord:
        """Stores `record` as version 1. An id that is already there raises ConflictError."""
        stored = replace(record, version=1)
        row = {"id": record.id, "environment": record.environment, "created_at": record.created_at, **_columns(stored)}
        with self._writing() as connection:
            _check_epoch(connection, record.epoch)
            with _one_open_change(connection, record):
                connection.execute(insert(changes).values(row))
            _append_write(connection, stored)
        return stored

    def advance(self, record: ChangeRecord) -> ChangeRecord:
        stored = replace(record, version=record.version + 1)
        read = (changes.c.id == record.id) & (changes.c.version == record.version)
        with self._writing() as connection:
            _check_epoch(connection, record.epoch)
            with _one_open_change(connection, record):
                written = connection.execute(update(changes).where(read).values(_columns(stored)))
            if written.rowcount != 1:
                raise ConflictError(
                    f"it is no longer at version {record.version}", where=f"change {record.id}", fix="read it again"
                )
            _append_write(connection, stored)
        return stored

    def history(self, environment: str, limit: int = 100) -> Sequence[ChangeRecord]:
        return self.page(environment, limit).changes

    def page(self, environment: str, limit: int, *, before: int | None = None, states: Collection[State] = ()) -> Page:
        """An ended change does not change any more, and is asked for again and again: each version is read once."""
        here = [changes.c.environment == environment]
        if before is not None:
            here.append(changes.c.sequence < before)
        if states:
            here.append(changes.c.state.in_([state.value for state in states]))
        place = select(changes.c.sequence, changes.c.id, changes.c.version).where(*here)
        read = self._read
        with self._reading() as connection:
            rows = connection.execute(place.order_by(changes.c.sequence.desc()).limit(limit + 1)).all()
            wanted = [(row.id, row.version) for row in rows[:limit]]
            known = {key: read[key] for key in wanted if key in read}
            new = [change_id for change_id, version in wanted if (change_id, version) not in known]
            query = select(changes.c.id, _SUMMARY.label("text")).where(changes.c.id.in_(new))
            texts = {row.id: row.text for row in connection.execute(query)} if new else {}
        known |= {key: from_json(texts[key[0]]).without_samples() for key in wanted if key not in known}
        self._read = known if len(known) >= len(read) or len(read) > _MOST_KEPT else {**read, **known}
        last = rows[limit - 1].sequence if len(rows) > limit else None
        return Page(changes=[known[key] for key in wanted], next=last)

    def fights(self, environment: str) -> Sequence[ChangeRecord]:
        query = (
            select(_SUMMARY)
            .where(changes.c.environment == environment, changes.c.state == State.SUPERSEDED.value)
            .order_by(changes.c.sequence.desc())
        )
        with self._reading() as connection:
            texts = connection.execute(query).scalars().all()
        return [record for text in texts if (record := from_json(text)).is_fight]

    def find(self, change_id: str) -> ChangeRecord | None:
        """The change whose id is, or else starts with, `change_id`; None for "". Raises AmbiguousIdError."""
        if not change_id:
            return None
        beginning = func.substr(changes.c.id, 1, len(change_id))  # LIKE would overlook capitals on SQLite
        with self._reading() as connection:
            rows = connection.execute(_PLACE.where(changes.c.id == change_id)).all()
            rows = rows or connection.execute(_PLACE.where(beginning == change_id).limit(2)).all()
            if len(rows) > 1:
                raise AmbiguousIdError(
                    f"several changes start with {change_id!r}", where="journal", fix="write more of the id"
                )
            return self._whole(connection, rows[0] if rows else None)

    def _whole(self, connection: Connection, place: Row[str, int] | None) -> ChangeRecord | None:
        """With its samples. The latest is kept: who looks at a change does so again and again, and decides on it."""
        known = self._latest
        if place is None:
            return None
        if known is not None and (known.id, known.version) == (place.id, place.version):
            return known
        text = connection.execute(select(changes.c.document).where(changes.c.id == place.id)).scalar_one()
        self._latest = read = from_json(text)
        return read

    # ---- what people said

    def snoozes(self, environment: str) -> Sequence[Snooze]:
        query = select(snoozes).where(snoozes.c.environment == environment).order_by(snoozes.c.rule)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Snooze(rule=row.rule, until=row.until, who=row.who, reason=row.reason) for row in rows]

    def snooze(self, environment: str, snooze: Snooze) -> None:
        here = (snoozes.c.environment == environment) & (snoozes.c.rule == snooze.rule)
        with self._writing() as connection:
            connection.execute(delete(snoozes).where(here))
            connection.execute(
                insert(snoozes).values(
                    environment=environment,
                    rule=snooze.rule,
                    until=snooze.until,
                    who=snooze.who,
                    reason=snooze.reason,
                )
            )

    def notebook(self) -> SqlNotebook:
        """What the surfaces remember; it goes when the journal is closed."""
        return SqlNotebook(self._engine, self._url)

    # ---- epochs

    def take(self, holder: str) -> int:
        with self._writing() as connection:
            epoch = _highest_epoch(connection) + 1
            connection.execute(insert(epochs).values(epoch=epoch, holder=holder))
        return epoch

    def current_epoch(self) -> int:
        """The highest epoch taken; 0 when none was."""
        with self._reading() as connection:
            return _highest_epoch(connection)

    def term(self) -> Term | None:
        with self._reading() as connection:
            row = connection.execute(select(epochs).order_by(epochs.c.epoch.desc()).limit(1)).one_or_none()
        return Term(epoch=row.epoch, holder=row.holder) if row is not None else None

    # ---- the kill switch

    def paused(self) -> Pause | None:
        with self._reading() as connection:
            row = connection.execute(select(pauses)).one_or_none()
        return Pause(reason=row.reason, since=row.since, freeze=row.freeze) if row is not None else None

    def pause(self, reason: str, at: datetime, *, freeze: bool) -> Pause:
        with self._writing() as connection:
            connection.execute(delete(pauses))
            connection.execute(insert(pauses).values(id=_THE_PAUSE, reason=reason, since=at, freeze=freeze))
        return Pause(reason=reason, since=at, freeze=freeze)

    def resume(self) -> None:
        with self._writing() as connection:
            connection.execute(delete(pauses))

    # ---- transactions

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self._url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing_at_head(self._engine, self._url) as connection:
            yield connection


def _columns(record: ChangeRecord) -> dict[str, object]:
    return {
        "version": record.version,
        "epoch": record.epoch,
        "state": record.state.value,
        "is_open": record.is_open,
        "rule": record.proposal.rule,
        "knob": record.proposal.target.knob,
        "target": str(record.proposal.target),
        "updated_at": _last_step(record)[0],
        "document": to_json(record),
        "summary": to_json(record.without_samples()),
    }


def _last_step(record: ChangeRecord) -> tuple[datetime, str]:
    """When and why it came to its state."""
    return (record.phases[-1].at, record.phases[-1].reason) if record.phases else (record.created_at, "")


@contextmanager
def _one_open_change(connection: Connection, record: ChangeRecord) -> Iterator[None]:
    """Says which change stands in the way when the database refuses a second open one."""
    try:
        with connection.begin_nested():
            yield
    except IntegrityError as error:
        query = select(changes.c.id).where(changes.c.environment == record.environment, changes.c.is_open)
        open_id = connection.execute(query).scalar()
        if open_id is None or open_id == record.id:
            raise ConflictError("it is already stored", where=f"change {record.id}", fix="read it again") from error
        raise ChangeAlreadyOpenError(
            f"change {open_id} is open",
            where=f"environment {record.environment}",
            fix=f"wait for it to end; see: advisor changes show {open_id}",
        ) from error


def _append_write(connection: Connection, record: ChangeRecord) -> None:
    """The trail of every write, never changed afterwards."""
    at, reason = _last_step(record)
    connection.execute(
        insert(writes).values(
            change_id=record.id,
            version=record.version,
            epoch=record.epoch,
            state=record.state.value,
            at=at,
            reason=reason,
        )
    )


def _highest_epoch(connection: Connection) -> int:
    return connection.execute(select(func.max(epochs.c.epoch))).scalar() or 0


def _check_epoch(connection: Connection, epoch: int) -> None:
    """Holds until the transaction ends, as only one writes at a time."""
    highest = _highest_epoch(connection)
    if epoch < highest:
        raise StaleEpochError(
            f"epoch {epoch} is over; {highest} leads", where="journal", fix="stop this process, or start it anew"
        )

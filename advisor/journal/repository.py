"""The journal on SQLAlchemy. Implements the ports Journal, Epochs and KillSwitch.

Every write happens in one transaction that first checks the epoch: a process whose term is over can write nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from advisor.journal.connection import make_engine, parse_url, translated
from advisor.journal.documents import from_text, to_text
from advisor.journal.revision import bring_to_head, check_readable
from advisor.journal.tables import changes, epochs, pauses, writes
from advisor.model.change import ChangeRecord, Pause
from advisor.model.errors import ChangeAlreadyOpenError, ConflictError, JournalError, StaleEpochError

_THE_PAUSE = 1


def open_journal(url: SecretStr, *, read_only: bool = False) -> "SqlJournal":
    """The journal at `url`, its tables made or migrated where needed; with `read_only` nothing is made or changed.

    Raises ConfigurationError for a bad URL, JournalError when it is out of reach, missing or of a newer version.
    """
    parsed = parse_url(url)
    engine = make_engine(parsed, read_only=read_only)
    with translated(parsed):
        if read_only:
            check_readable(engine)
        else:
            bring_to_head(engine, parsed)
    return SqlJournal(engine, parsed)


class SqlJournal:
    """Changes, epochs and the pause. Keeps no connection open between calls."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self._engine = engine
        self._url = url

    def close(self) -> None:
        self._engine.dispose()

    # ---- changes

    def open_change(self, environment: str) -> ChangeRecord | None:
        query = select(changes.c.document).where(changes.c.environment == environment, changes.c.is_open)
        with self._transaction() as connection:
            text = connection.execute(query).scalar()
        return from_text(text) if text is not None else None

    def add(self, record: ChangeRecord) -> ChangeRecord:
        stored = replace(record, version=1)
        with self._transaction() as connection:
            _check_epoch(connection, record.epoch)
            last = connection.execute(select(func.max(changes.c.sequence))).scalar() or 0
            row = {"id": record.id, "sequence": last + 1, "environment": record.environment, **_columns(stored)}
            try:
                with connection.begin_nested():
                    connection.execute(insert(changes).values(row))
            except IntegrityError as error:
                raise ChangeAlreadyOpenError(
                    "another change is open", where=f"environment {record.environment}", fix="see: advisor changes"
                ) from error
            _append_write(connection, stored)
        return stored

    def advance(self, record: ChangeRecord) -> ChangeRecord:
        stored = replace(record, version=record.version + 1)
        with self._transaction() as connection:
            _check_epoch(connection, record.epoch)
            written = connection.execute(
                update(changes)
                .where(changes.c.id == record.id, changes.c.version == record.version)
                .values(_columns(stored))
            )
            if written.rowcount != 1:
                raise ConflictError(
                    f"it is no longer at version {record.version}", where=f"change {record.id}", fix="read it again"
                )
            _append_write(connection, stored)
        return stored

    def history(self, environment: str, limit: int = 100) -> Sequence[ChangeRecord]:
        query = (
            select(changes.c.document)
            .where(changes.c.environment == environment)
            .order_by(changes.c.sequence.desc())
            .limit(limit)
        )
        with self._transaction() as connection:
            texts = connection.execute(query).scalars().all()
        return [from_text(text) for text in texts]

    def find(self, change_id: str) -> ChangeRecord | None:
        """The change whose id starts with `change_id`. Raises JournalError when several do."""
        query = select(changes.c.document).where(changes.c.id.startswith(change_id, autoescape=True)).limit(2)
        with self._transaction() as connection:
            texts = connection.execute(query).scalars().all()
        if len(texts) > 1:
            raise JournalError(f"several changes start with {change_id!r}", fix="write more of the id")
        return from_text(texts[0]) if texts else None

    # ---- epochs

    def take(self, holder: str) -> int:
        while True:
            with self._transaction() as connection:
                epoch = _highest_epoch(connection) + 1
                try:
                    with connection.begin_nested():
                        connection.execute(insert(epochs).values(epoch=epoch, holder=holder[:200]))
                except IntegrityError:  # somebody took the same number at the same moment
                    continue
                return epoch

    def current_epoch(self) -> int:
        """The highest epoch taken; 0 when none was."""
        with self._transaction() as connection:
            return _highest_epoch(connection)

    # ---- the kill switch

    def paused(self) -> Pause | None:
        with self._transaction() as connection:
            row = connection.execute(select(pauses)).one_or_none()
        if row is None:
            return None
        since = row.since if row.since.tzinfo else row.since.replace(tzinfo=UTC)
        return Pause(reason=row.reason, since=since, freeze=row.freeze)

    def pause(self, reason: str, at: datetime, *, freeze: bool) -> Pause:
        with self._transaction() as connection:
            connection.execute(delete(pauses))
            connection.execute(insert(pauses).values(id=_THE_PAUSE, reason=reason, since=at, freeze=freeze))
        return Pause(reason=reason, since=at, freeze=freeze)

    def resume(self) -> None:
        with self._transaction() as connection:
            connection.execute(delete(pauses))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with translated(self._url), self._engine.begin() as connection:
            yield connection


def _columns(record: ChangeRecord) -> dict[str, object]:
    return {
        "version": record.version,
        "epoch": record.epoch,
        "state": record.state.value,
        "is_open": record.is_open,
        "knob": record.proposal.target.knob,
        "document": to_text(record),
    }


def _append_write(connection: Connection, record: ChangeRecord) -> None:
    """The trail of every write, never changed afterwards."""
    last = record.phases[-1]
    connection.execute(
        insert(writes).values(
            change_id=record.id,
            version=record.version,
            epoch=record.epoch,
            state=record.state.value,
            at=last.at,
            reason=last.reason,
        )
    )


def _highest_epoch(connection: Connection) -> int:
    return connection.execute(select(func.max(epochs.c.epoch))).scalar() or 0


def _check_epoch(connection: Connection, epoch: int) -> None:
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.exec_driver_sql("LOCK TABLE epochs IN SHARE MODE")  # nobody takes office until this is committed
    highest = _highest_epoch(connection)
    if epoch < highest:
        raise StaleEpochError(
            f"epoch {epoch} is over; {highest} is in office", where="journal", fix="stop this process, or start it anew"
        )

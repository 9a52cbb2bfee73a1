"""The journal's tables. The database itself keeps that one change is open at a time in an environment."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    func,
)


class Instant(TypeDecorator[datetime]):
    """An aware time, stored and returned in UTC; SQLite keeps no time zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


metadata = MetaData()

# The document is the change; the columns beside it are for constraints, for finding, and for people with SQL.
changes = Table(
    "changes",
    metadata,
    Column("sequence", Integer, primary_key=True),  # the order of arrival, where clocks may jump
    Column("id", String(40), nullable=False, unique=True),
    Column("environment", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("rule", String(80), nullable=False),
    Column("knob", String(80), nullable=False),
    Column("target", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("document", Text, nullable=False),
    Column("summary", Text),  # the document without its samples; none where it was written before there were any
    # Of those that are open alone, as its migration has it: to say so here would load all that is known of Postgres.
    Index("one_open_change", "environment", unique=True),
    Index("changes_by_environment", "environment", "sequence"),
    Index("changes_by_state", "environment", "state", "sequence"),
)

# The trail: one row for every write of a change, never altered.
writes = Table(
    "writes",
    metadata,
    Column("change_id", String(40), ForeignKey("changes.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
)

# One row for every time somebody took the lead.
epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False),
    Column("taken_at", Instant, nullable=False, server_default=func.now()),
)

# The pause in force, in one row; no row when there is none.
pauses = Table(
    "pauses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("freeze", Boolean, nullable=False),
)

# Rules that a person does not want to hear of for a while; the last word on a rule counts.
snoozes = Table(
    "snoozes",
    metadata,
    Column("environment", String(200), primary_key=True),
    Column("rule", String(80), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# What the surfaces remember: messages sent and owed, signatures used, alerts seen.
notes = Table(
    "notes",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("surface", String(40), nullable=False),
    Column("key", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Index("note_of_a_surface", "surface", "key", unique=True),
)

"""The journal's tables. The database itself keeps that one change is open at a time in an environment."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, MetaData, String, Table, Text, text

metadata = MetaData()

changes = Table(
    "changes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("sequence", Integer, nullable=False, unique=True),
    Column("environment", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("knob", String(80), nullable=False),
    Column("document", Text, nullable=False),
    Index(
        "one_open_change",
        "environment",
        unique=True,
        sqlite_where=text("is_open"),
        postgresql_where=text("is_open"),
    ),
    Index("changes_by_environment", "environment", "sequence"),
)

writes = Table(
    "writes",
    metadata,
    Column("change_id", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
)

epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(200), nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("freeze", Boolean, nullable=False),
)

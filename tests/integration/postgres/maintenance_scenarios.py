"""What the tests of maintenance share: tables in need of it, and knobs that give it."""

from typing import Any

import psycopg
from pydantic import SecretStr

from advisor.knobs.postgres.autovacuum import PostgresAutovacuumKnob
from advisor.knobs.postgres.maintenance import ANALYZE, VACUUM, PostgresMaintenanceKnob
from advisor.knobs.postgres.reindex import PostgresReindexKnob
from advisor.knobs.router import KnobRouter
from advisor.model.knob import Order
from advisor.model.proposal import Proposal
from advisor.settings.guide import GuideSettings, MaintenanceGuide
from advisor.settings.postgres import PostgresSettings, QuietSettings

SMALL = GuideSettings(maintenance=MaintenanceGuide(smallest_bloat_bytes=500_000))
"""The tests' tables have 20,000 rows, not millions."""

TABLE = '"Odd ""Table"""'
"""Names are written as SQL wants them; nothing breaks on capitals, spaces and quotes."""


def make_table(session: psycopg.Connection, rows: int = 20_000, options: str = "") -> None:
    """An analysed and vacuumed table of ~100 bytes a row with a primary key."""
    session.execute(f"CREATE TABLE {TABLE} (id int, note text) {options}".encode())
    session.execute(f"INSERT INTO {TABLE} SELECT i, repeat('x', 80) FROM generate_series(1, {rows}) i".encode())
    session.execute(f'ALTER TABLE {TABLE} ADD CONSTRAINT "Odd Key" PRIMARY KEY (id)'.encode())
    flush(session)  # else the inserts would be counted after the ANALYZE
    session.execute(f"VACUUM (ANALYZE) {TABLE}".encode())
    flush(session)


def flush(session: psycopg.Connection) -> None:
    """The counters of a session are sent at the end of a transaction, once a second at most; from 15 on at a wish."""
    session.execute("SELECT pg_stat_force_next_flush()")
    session.execute("SELECT 1")


def knobs(dsn: str, **settings: Any) -> KnobRouter:
    """The knobs of maintenance."""
    quiet = QuietSettings(**settings.pop("quiet", {}))
    found = PostgresSettings(builder_dsn=SecretStr(dsn), quiet=quiet, **settings)
    return KnobRouter(
        {
            "postgres.analyze": PostgresMaintenanceKnob(ANALYZE, found),
            "postgres.vacuum": PostgresMaintenanceKnob(VACUUM, found),
            "postgres.reindex": PostgresReindexKnob(found),
            "postgres.autovacuum": PostgresAutovacuumKnob(found),
        }
    )


def order_of(proposal: Proposal) -> Order:
    return Order(
        change_id="chg_0123456789ab", target=proposal.target, old=proposal.current, new=proposal.proposed, epoch=1
    )

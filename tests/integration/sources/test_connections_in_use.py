"""Connections are counted whole, whoever reads: a pool's budget hangs on it."""

from contextlib import ExitStack

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.source import PostgresSource
from advisor.testing.clock import FakeClock


def connections_seen(dsn: str) -> int:
    look = PostgresSource(PostgresSettings(dsn=SecretStr(dsn)), FakeClock()).read(60).databases["main"]
    return look.activity.total


def test_a_reader_without_pg_monitor_counts_the_connections_of_others_too(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as administrator, ExitStack() as others:
        administrator.execute("DROP ROLE IF EXISTS counter")
        administrator.execute("CREATE ROLE counter LOGIN PASSWORD 'of-the-test'")
        plain = make_conninfo(database, user="counter", password="of-the-test")
        before = connections_seen(plain)
        for _ in range(5):
            others.enter_context(psycopg.connect(database))
        assert connections_seen(plain) == before + 5
        administrator.execute(sql.SQL("GRANT pg_monitor TO counter"))
        assert connections_seen(plain) == before + 5  # and no server process besides them
        administrator.execute("DROP ROLE counter")

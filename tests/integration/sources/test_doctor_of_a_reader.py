"""The doctor as the quick start's reader sees it: a role of its own, not a superuser."""

from collections.abc import Mapping

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from advisor.model.check import CheckLine, CheckStatus
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.check import check_postgres

ROLE = "Odd reader"
PASSWORD = "of-the-test"


@pytest.fixture
def reader(database: str) -> str:
    """The connection string of a role without any grant, on a database with one table in each of two schemas."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.orders (id int)")
        connection.execute("CREATE SCHEMA archive")
        connection.execute("CREATE TABLE archive.orders (id int)")
        role = sql.Identifier(ROLE)
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchall():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(PASSWORD)))
        connection.execute(sql.SQL("REVOKE pg_monitor FROM {}").format(role))
    return make_conninfo(database, user=ROLE, password=PASSWORD)


def checked(dsn: str) -> Mapping[str, CheckLine]:
    return {
        line.name.removeprefix("postgres:main "): line for line in check_postgres(PostgresSettings(dsn=SecretStr(dsn)))
    }


def test_every_missing_grant_is_named_and_the_commands_given_are_all_it_takes(database: str, reader: str) -> None:
    before = checked(reader)
    assert before["role"].fix == f'GRANT pg_monitor TO "{ROLE}"'
    tables = before["tables"]
    assert tables.status is CheckStatus.WARNING
    assert tables.detail.startswith(f'2 tables are closed to "{ROLE}"')

    with psycopg.connect(database, autocommit=True) as administrator:
        for line in before.values():
            if line.fix.startswith("GRANT"):
                administrator.execute(line.fix)  # as an administrator would paste it

    after = checked(reader)
    assert after["role"].status is CheckStatus.OK
    assert "tables" not in after

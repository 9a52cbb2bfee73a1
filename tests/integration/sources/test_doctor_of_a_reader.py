"""The doctor as the quick start's reader sees it: a role of its own, not a superuser."""

from collections.abc import Mapping

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from advisor.model.check import CheckLine, CheckStatus
from advisor.model.snapshot import Observation, SourceStatus
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.sources.postgres.check import check_postgres
from advisor.sources.postgres.source import PostgresSource
from advisor.testing.clock import FakeClock
from advisor.wiring.report import build_report

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


def observed(dsn: str) -> Observation:
    return PostgresSource(PostgresSettings(dsn=SecretStr(dsn)), FakeClock()).read(60)


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


def test_row_security_is_named_with_the_remedy_and_is_partial_data(database: str, reader: str) -> None:
    with psycopg.connect(database, autocommit=True) as administrator:
        for line in checked(reader).values():
            if line.fix.startswith("GRANT"):
                administrator.execute(line.fix)
        administrator.execute("ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY")
        try:
            secured = checked(reader)["row security"]
            assert secured.detail.startswith(f'row security hides the statistics of 1 tables from "{ROLE}"')
            seen = observed(reader)
            assert seen.status is SourceStatus.DEGRADED
            assert f'row security hides the statistics of 1 tables from "{ROLE}"' in seen.detail
            administrator.execute(secured.fix)
            assert "row security" not in checked(reader)
            assert (observed(reader).status, observed(reader).detail) == (SourceStatus.OK, "")
        finally:
            administrator.execute(sql.SQL("ALTER ROLE {} NOBYPASSRLS").format(sql.Identifier(ROLE)))


def test_a_role_that_sees_nothing_is_told_so_wherever_it_looks(database: str, reader: str) -> None:
    """Neither the text of others' statements nor their sessions nor a table: no rule may call that healthy."""
    with psycopg.connect(database, autocommit=True) as administrator:
        administrator.execute("SELECT count(*) FROM public.orders")
    seen = observed(reader)
    assert seen.status is SourceStatus.DEGRADED
    assert f'sessions and statements of other roles are hidden: GRANT pg_monitor TO "{ROLE}"' in seen.detail
    assert f'2 tables are closed to "{ROLE}"' in seen.detail
    settings = Settings.model_validate({"postgres": {"dsn": reader}, "journal": {"url": "sqlite:///none.db"}})
    rules = {result.rule: result for result in build_report(settings).rules}
    assert "statements of other roles are hidden" in rules["missing-index"].reason
    assert "sessions of other roles are hidden" in rules["connection-leak"].reason
    assert "sessions of other roles are hidden" in rules["long-transaction"].reason

"""Through a real PgBouncer, in each mode: what is read is read in a session that cannot write, or not at all."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from pydantic import SecretStr

from advisor.knobs.postgres.builder_session import builder_session
from advisor.model.errors import ConfigurationError
from advisor.model.snapshot import SourceStatus
from advisor.servers import pgbouncer
from advisor.servers.postgres import OWNER, PostgresServer
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.sources.postgres.check import check_postgres
from advisor.sources.postgres.session import read_only_session
from advisor.sources.postgres.source import PostgresSource
from advisor.testing.clock import FakeClock
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from tests.integration.indexes import shop

IGNORES = "ignore_startup_parameters = options"
REFUSES = ""


class Pools:
    """Starts poolers before one server, and gives addresses through them."""

    def __init__(self, stack: ExitStack, server: PostgresServer, database: str) -> None:
        self._stack = stack
        self._server = server
        self._database = psycopg.conninfo.conninfo_to_dict(database)["dbname"]

    def address(self, mode: str, more: str, database: str | None = None) -> str:
        port = self._stack.enter_context(pgbouncer.start(self._server, mode, more))
        return f"postgresql://{OWNER}@127.0.0.1:{port}/{database or self._database}"


@pytest.fixture
def pools(hypopg_server: PostgresServer, hypopg_database: str) -> Iterator[Pools]:
    with ExitStack() as stack:
        yield Pools(stack, hypopg_server, hypopg_database)


EVERYWHERE = pytest.mark.parametrize("more", [IGNORES, REFUSES], ids=["options-ignored", "options-refused"])


@EVERYWHERE
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_session_through_a_pool_is_held_to_its_limits(pools: Pools, mode: str, more: str) -> None:
    dsn = SecretStr(pools.address(mode, more))
    with read_only_session(dsn, 3) as session:
        shown = session.rows("extensions")
        assert {row["name"] for row in shown} == {"pg_stat_statements", "hypopg"}
        with pytest.raises(psycopg.errors.DivisionByZero):
            session.run(psycopg.sql.SQL("SELECT 1/0"))
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            session.run(psycopg.sql.SQL("CREATE TABLE written (id int)"))
        held = session.run(
            psycopg.sql.SQL(
                "SELECT current_setting('statement_timeout') a, current_setting('lock_timeout') b, "
                "current_setting('search_path') c"
            )
        )[0]
        assert held == {"a": "3s", "b": "3s", "c": "pg_catalog"}


@EVERYWHERE
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_the_application_that_gets_the_servers_session_next_finds_nothing_of_ours(
    pools: Pools, mode: str, more: str, hypopg_database: str
) -> None:
    shop.load(hypopg_database)
    address = pools.address(mode, more)
    settings = PostgresSettings(dsn=SecretStr(address))
    seen = PostgresSource(settings, FakeClock()).read(60)
    assert (seen.status, seen.detail) == (SourceStatus.OK, "")
    wanted = "SELECT * FROM orders WHERE customer_id = 5"
    with psycopg.connect(hypopg_database, autocommit=True) as application:
        application.execute("SELECT pg_stat_statements_reset()")  # what filled the tables is no part of the load
        for _ in range(3):
            application.execute(wanted.encode())
    found = advise_on_indexes(Settings(postgres=settings), None, Limits(), "hypopg")
    assert ["customer_id" in one.ddl[0] for one in found.indexes] == [True]
    for _ in range(4):
        with psycopg.connect(address, autocommit=True) as application:
            row = application.execute(
                "SELECT current_setting('default_transaction_read_only'), current_setting('statement_timeout'), "
                "coalesce(current_setting('advisor.block', true), ''), (SELECT count(*) FROM hypopg()), "
                "(SELECT count(*) FROM pg_prepared_statements)"
            ).fetchone()
            assert row == ("off", "0", "", 0, 0)
            application.execute("CREATE TABLE IF NOT EXISTS written (id int)")


@EVERYWHERE
def test_a_pool_that_hands_a_session_out_for_one_statement_is_refused_with_the_way_round(
    pools: Pools, more: str
) -> None:
    dsn = SecretStr(pools.address("statement", more))
    with pytest.raises(ConfigurationError, match="statement pooling mode") as caught, read_only_session(dsn, 3):
        pass
    assert "give the address of Postgres itself, or of a pool in session or transaction mode" in caught.value.fix
    line = check_postgres(PostgresSettings(dsn=dsn))[0]
    assert "statement pooling mode" in line.detail


def test_the_console_of_a_pooler_is_no_database(pools: Pools) -> None:
    dsn = SecretStr(pools.address("transaction", IGNORES, "pgbouncer"))
    with pytest.raises(ConfigurationError, match="admin console"), read_only_session(dsn, 3):
        pass


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_nothing_is_built_through_a_pooler(pools: Pools, mode: str) -> None:
    settings = PostgresSettings(builder_dsn=SecretStr(pools.address(mode, IGNORES)))
    with pytest.raises(ConfigurationError, match="address of Postgres itself"), builder_session(settings):
        pass

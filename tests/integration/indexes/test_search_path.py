"""The table that a statement names is the one that the session meant which ran it, or it is not planned."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from tests.integration.postgres.watching import Watcher, run

ROLE = "search_path_app"
PLACES = ("app.orders", "public.orders", "tenant_a.bill", "tenant_b.bill", "lone.thing")
TABLES = tuple(
    statement
    for place in PLACES
    for statement in (
        f"CREATE SCHEMA IF NOT EXISTS {place.split('.', maxsplit=1)[0]}",
        f"CREATE TABLE {place} (id int PRIMARY KEY, customer int, body text)",
        f"INSERT INTO {place} SELECT g, g % 9000, repeat('b', 60) FROM generate_series(1, 40000) g",
        f"ANALYZE {place}",
    )
)
TYPES = (
    "CREATE TYPE app.stage AS ENUM ('new', 'old')",
    "ALTER TABLE app.orders ADD COLUMN stage app.stage DEFAULT 'new'",
)


@dataclass(frozen=True, slots=True)
class Application:
    """dsn: the owner's, by which the advisor reads. own: of a role with `app` alone on its search path."""

    dsn: str
    own: str

    def runs(self, *statements: str) -> None:
        for _ in range(12):
            run(self.own, *statements)


@pytest.fixture(params=["hypopg_database", "database"], ids=["the distribution's", "18"])
def application(request: pytest.FixtureRequest) -> Iterator[Application]:
    dsn: str = request.getfixturevalue(request.param)
    with psycopg.connect(dsn) as connection:
        name = connection.info.dbname
    run(dsn, *TABLES, *TYPES, f"CREATE ROLE {ROLE} LOGIN PASSWORD 'app'")
    run(
        dsn,
        f"ALTER ROLE {ROLE} SET search_path = nowhere",
        f"ALTER ROLE {ROLE} IN DATABASE {name} SET search_path = app",
    )
    for schema in {place.split(".")[0] for place in PLACES}:
        run(
            dsn, f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}", f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {ROLE}"
        )
    yield Application(dsn, make_conninfo(dsn, user=ROLE, password="app"))
    run(dsn, f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}")


@pytest.mark.parametrize("planner", ["first that can be had", "heuristic"])
def test_a_bare_name_is_looked_up_where_its_session_did(application: Application, planner: str) -> None:
    application.runs(
        "SELECT id FROM orders WHERE customer = 7 AND stage = 'new'::stage",
        "SET search_path = tenant_a",
        "SELECT id FROM bill WHERE customer = 7",
        "SET search_path = lone",
        "SELECT id FROM thing WHERE customer = 7",
    )
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(application.dsn)))
    advice = advise_on_indexes(settings, None, Limits(), None if planner != "heuristic" else planner)
    advised = {f"{one.design.schema}.{one.design.table}" for one in advice.indexes}
    assert advised == {"app.orders", "lone.thing"}
    (why,) = [one.reason for one in advice.skipped if one.text.startswith("SELECT id FROM bill")]
    assert why.endswith("tenant_a.bill, tenant_b.bill")


def test_a_bare_name_of_a_file_is_looked_up_where_the_address_says(application: Application) -> None:
    dsn = make_conninfo(application.dsn, options="-csearch_path=app")
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    statement = WorkloadStatement(id="1", text="SELECT id FROM orders WHERE customer = 7")
    (index,) = advise_on_indexes(settings, [statement], Limits(), None).indexes
    assert (index.design.schema, index.design.table, index.design.columns) == ("app", "orders", ("customer",))


def test_a_plan_is_of_the_table_that_the_session_meant(application: Application) -> None:
    watcher = Watcher(application.dsn)
    watcher.look()
    application.runs("SELECT id FROM orders WHERE customer = 7")
    look = watcher.look()
    (statement,) = [one for one in look.statements if one.text.startswith("SELECT id")]
    plan = watcher.context().statement_planners["main"].plan(look, statement)
    assert statement.search_paths == (("app",),)
    assert "app" in {node.schema for node in plan.steps()}

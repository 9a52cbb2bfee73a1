"""What the user's address asks of a session beside ours: options, PGOPTIONS, service files, other libraries' forms."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from advisor.clients.postgres import shown_dsn
from advisor.model.database.index_advice import WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.sources.postgres.session import read_only_session
from advisor.whatif.index.advice import Limits
from advisor.whatif.index.connection import planning_connection
from advisor.wiring.indexes import advise_on_indexes

SETTING = sql.SQL(
    "SELECT current_setting('search_path') AS path, current_setting('work_mem') AS memory, "
    "current_setting('statement_timeout') AS timeout, current_setting('default_transaction_read_only') AS closed"
)


@pytest.fixture
def app_database(hypopg_database: str) -> str:
    with psycopg.connect(hypopg_database, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA app")
        owner.execute("CREATE TABLE app.orders (id int PRIMARY KEY, customer int, note text)")
        owner.execute("INSERT INTO app.orders SELECT g, g % 9000, 'n' || g FROM generate_series(1, 50000) g")
        owner.execute("ANALYZE app.orders")
    return hypopg_database


def ways(dsn: str, monkeypatch: pytest.MonkeyPatch, folder: Path, way: str) -> str:
    """`dsn`, said so that its sessions search "app"."""
    match way:
        case "options":
            return dsn + "?options=-csearch_path%3Dapp%20-c%20work_mem=5MB%20-cstatement_timeout=0"
        case "schema":
            return dsn + "?schema=app"
        case "driver":
            return dsn.replace("postgresql://", "postgresql+psycopg://") + "?schema=app"
        case "PGOPTIONS":
            monkeypatch.setenv("PGOPTIONS", "-c search_path=app")
            return dsn
        case _:
            parts = psycopg.conninfo.conninfo_to_dict(dsn)
            lines = [f"{key}={value}" for key, value in parts.items()]
            (folder / "services").write_text("\n".join(["[shop]", *lines, "options=-csearch_path=app", ""]))
            monkeypatch.setenv("PGSERVICEFILE", str(folder / "services"))
            return "service=shop"


@pytest.mark.parametrize("way", ["options", "schema", "driver", "PGOPTIONS", "service"])
def test_the_schema_that_an_address_names_is_searched_by_the_planner(
    app_database: str, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dsn = SecretStr(ways(app_database, monkeypatch, tmp_path, way))
    settings = Settings(postgres=PostgresSettings(dsn=dsn))
    statements = [WorkloadStatement(id="1", text="SELECT id FROM orders WHERE customer = 7")]
    advice = advise_on_indexes(settings, statements, Limits(), None)
    assert [one.ddl[0].partition(" ON ")[2] for one in advice.indexes] == ['"app"."orders" USING btree ("customer")'], (
        advice
    )
    with psycopg.connect(app_database) as direct:
        assert shown_dsn(dsn).endswith(f":{direct.info.port}/{direct.info.dbname}")


def test_options_are_merged_and_ours_come_last(
    app_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dsn = SecretStr(ways(app_database, monkeypatch, tmp_path, "options"))
    with planning_connection(dsn, 5) as connection:
        row = connection.execute(SETTING).fetchone()
        assert row == ("app", "5MB", "5s", "on")
    with read_only_session(dsn, 5) as session:
        assert session.run(SETTING)[0] == {"path": "pg_catalog", "memory": "5MB", "timeout": "5s", "closed": "on"}

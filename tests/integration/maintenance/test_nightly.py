"""The guide's nightly script, run against a real server: it sees to what needs it, and to nothing else."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from advisor.servers.installation import embedded
from tests.integration.postgres.maintenance_scenarios import TABLE, flush, make_table

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "db-maintenance.sh"


@pytest.fixture
def session(database: str) -> Iterator[psycopg.Connection]:
    """One well-kept table, and one of which every second row is dead."""
    with psycopg.connect(database, autocommit=True) as connection:
        make_table(connection, options="WITH (autovacuum_enabled = off)")
        connection.execute("CREATE TABLE kept AS SELECT i FROM generate_series(1, 20000) i")
        flush(connection)
        connection.execute("VACUUM (ANALYZE) kept")
        connection.execute(f"UPDATE {TABLE} SET note = 'y'".encode())
        flush(connection)
        yield connection


def run(dsn: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    installation = embedded()
    path = f"{installation.bin}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", str(SCRIPT), *arguments],
        env={"PATH": path, "DATABASE_URL": dsn, **installation.environment, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def times(session: psycopg.Connection) -> dict[str, tuple[object, object]]:
    rows = session.execute("SELECT relname, last_vacuum, last_analyze FROM pg_stat_user_tables").fetchall()
    return {name: (vacuum, analyze) for name, vacuum, analyze in rows}


def test_only_the_table_in_need_is_seen_to_and_only_once(database: str, session: psycopg.Connection) -> None:
    before = times(session)
    first = run(database)
    assert first.returncode == 0, first.stderr
    assert 'VACUUM (TRUNCATE false, ANALYZE) public."Odd ""Table"""' in first.stdout
    after = times(session)
    assert after["kept"] == before["kept"]
    assert after['Odd "Table"'] != before['Odd "Table"']
    assert "no table needs upkeep" in run(database).stdout
    assert times(session) == after


def test_a_dry_run_does_nothing(database: str, session: psycopg.Connection) -> None:
    before = times(session)
    assert "VACUUM" in run(database, "--dry-run").stdout
    assert times(session) == before


def test_a_lock_that_is_not_to_be_had_is_said_and_fails_the_job(database: str, session: psycopg.Connection) -> None:
    with psycopg.connect(database) as other:
        other.execute(f"LOCK TABLE {TABLE} IN SHARE UPDATE EXCLUSIVE MODE".encode())
        result = run(database)
        other.rollback()
    assert result.returncode == 1
    assert "lock timeout" in result.stdout


def test_a_role_that_may_not_is_no_success(database: str, session: psycopg.Connection) -> None:
    session.execute("CREATE ROLE stranger LOGIN PASSWORD 'strange' IN ROLE pg_monitor")
    try:
        result = run(psycopg.conninfo.make_conninfo(database, user="stranger", password="strange"))
    finally:
        session.execute("DROP ROLE stranger")
    assert result.returncode == 1
    assert "permission denied" in result.stdout


@pytest.mark.parametrize("environment", [{"DEAD_RATIO": "0.1; DROP TABLE kept"}, {"SMALLEST_ROWS": ""}])
def test_a_threshold_that_is_no_number_is_refused_or_the_default(
    environment: dict[str, str], database: str, session: psycopg.Connection
) -> None:
    result = run(database, "--dry-run", **environment)
    assert result.returncode == (2 if "DEAD_RATIO" in environment else 0)


def test_the_cron_job_runs_this_script_every_night() -> None:
    job = yaml.safe_load((ROOT / "k8s" / "cronjobs" / "db-maintenance.yaml").read_text())
    assert (job["kind"], job["spec"]["schedule"]) == ("CronJob", "0 2 * * *")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"][-1].endswith(SCRIPT.name)
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]

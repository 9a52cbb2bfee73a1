"""`advisor report` on real servers: with each source alone, with all, with a dead one among them; its exit codes."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from advisor.servers.listening import free_port
from tests.acceptance.conftest import StartPrometheus
from tests.acceptance.world import Shop

ROWS = 100_000
SLOW = "SELECT * FROM orders WHERE customer = %s"


@dataclass(frozen=True, slots=True)
class Reporter:
    """Runs `advisor report -o json` in an empty folder; with one look where nothing else is said."""

    folder: Path

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("report", "-o", "json", "--look", "0s", *arguments)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
        return subprocess.run(
            [sys.executable, "-m", "advisor.cli.main", *arguments],
            cwd=self.folder,
            env=clean,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def report(tmp_path: Path) -> Reporter:
    folder = tmp_path / "empty"
    folder.mkdir()
    return Reporter(folder)


@pytest.fixture
def slow_database(database: str) -> str:
    """A table of 100,000 rows that is read whole for every customer asked for: it lacks an index."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            f"CREATE TABLE orders AS SELECT n AS id, n % 5000 AS customer, repeat('x', 100) AS note"
            f" FROM generate_series(1, {ROWS}) n"
        )
        connection.execute("ANALYZE orders")
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("SELECT pg_stat_reset()")  # filling it must not count as its traffic
        connection.execute("SELECT pg_stat_statements_reset()")
        for customer in range(60):
            connection.execute(SLOW, (customer,))
    return database


MISSING = {
    "SELECT * FROM orders WHERE customer = %s": ("orders", "customer"),
    "SELECT note FROM visits WHERE page = %s": ("visits", "page"),
    "SELECT note FROM labels WHERE name = %s::text": ("labels", "name"),
}


@pytest.fixture
def fresh_database(database: str) -> Iterator[str]:
    """Three tables that were filled after the tables' counters began and before the statements' did, under load."""
    with psycopg.connect(database, autocommit=True) as connection:
        for table, column in MISSING.values():
            connection.execute(
                f"CREATE TABLE {table} AS SELECT n AS id, (n % 5000)::text AS {column}, repeat('x', 60) AS note"
                f" FROM generate_series(1, {ROWS // 2}) n"
            )
        connection.execute("ALTER TABLE orders ALTER customer TYPE int USING customer::int")
        connection.execute("ALTER TABLE visits ALTER page TYPE int USING page::int")
        connection.execute("ANALYZE")
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("SELECT pg_stat_statements_reset()")
    done = threading.Event()
    load = threading.Thread(target=_ask, args=(database, done))
    load.start()
    yield database
    done.set()
    load.join()


def _ask(database: str, done: threading.Event) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for turn in itertools.count():
            if done.wait(0.05):
                return
            for statement in MISSING:
                connection.execute(statement, (turn % 5000,))


@pytest.fixture
def prometheus_url(shop: Shop, prometheus_server: StartPrometheus) -> str:
    return prometheus_server({"shop": [shop.target]}).url


def parsed(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["schema"] == "advisor/report/v1"
    return document


def statuses(document: Mapping[str, Any]) -> dict[str, str]:
    return {source["name"].split(":")[0]: source["status"] for source in document["sources"]}


def rule(document: Mapping[str, Any], rule_id: str) -> dict[str, str]:
    found: dict[str, str] = next(entry for entry in document["rules"] if entry["id"] == rule_id)
    return found


def test_postgres_alone_finds_the_missing_index(report: Reporter, slow_database: str) -> None:
    document = parsed(report("--postgres-dsn", slow_database))
    assert statuses(document) == {"prometheus": "off", "postgres": "ok", "redis": "off"}
    assert rule(document, "missing-index")["status"] == "fired"
    assert rule(document, "pool-exhaustion")["status"] == "skipped"
    assert rule(document, "pool-exhaustion")["reason"]
    proposal = next(one for one in document["proposals"] if one["rule"] == "missing-index")
    assert proposal["knob"] == "postgres.index"
    assert "CREATE INDEX CONCURRENTLY" in proposal["apply"]
    assert "DROP INDEX CONCURRENTLY" in proposal["undo"]
    with psycopg.connect(slow_database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'").fetchone() == (0,)


def test_the_first_report_of_a_freshly_filled_database_proposes_what_indexes_finds(
    report: Reporter, fresh_database: str
) -> None:
    dsn = ("--postgres-dsn", fresh_database)
    document = parsed(report.run("report", "-o", "json", "--look", "3s", *dsn))
    advised = json.loads(report.run("indexes", "-o", "json", *dsn).stdout)
    built = {one["apply"].rstrip(";") for one in document["proposals"] if one["knob"] == "postgres.index"}
    assert len(built) == 3
    assert {one["ddl"].rstrip(";") for one in advised["indexes"]} == built
    assert document["next"]["proposal"] in {one["id"] for one in document["proposals"]}
    assert 2 < document["looked_seconds"] < 30
    for finding in document["findings"]:
        assert finding["proposals"] or finding["no_proposal"], finding["id"]
        assert "were written" not in finding["cause"]  # the filling lies before
    shares = [one["statement"]["share"] for one in document["findings"] if one["rule"] == "missing-index"]
    assert sum(shares) > 0.5


def test_what_did_not_run_between_the_looks_is_told_by_the_totals(report: Reporter, slow_database: str) -> None:
    document = parsed(report.run("report", "-o", "json", "--look", "1s", "--postgres-dsn", slow_database))
    (finding,) = [one for one in document["findings"] if one["rule"] == "missing-index"]
    assert finding["seconds"] > document["looked_seconds"]
    assert finding["proposals"]
    assert rule(document, "missing-index")["status"] == "fired"


def test_prometheus_alone(report: Reporter, prometheus_url: str) -> None:
    document = parsed(report("--prometheus-url", prometheus_url))
    assert statuses(document) == {"prometheus": "ok", "postgres": "off", "redis": "off"}
    assert rule(document, "missing-index")["status"] == "skipped"
    assert "Postgres" in rule(document, "missing-index")["reason"]


def test_redis_alone(report: Reporter, valkey_url: str) -> None:
    document = parsed(report("--redis-url", valkey_url))
    assert statuses(document) == {"prometheus": "off", "postgres": "off", "redis": "ok"}
    assert {one["status"] for one in document["rules"] if one["id"] == "pool-exhaustion"} == {"skipped"}


def test_all_three_together(report: Reporter, slow_database: str, prometheus_url: str, valkey_url: str) -> None:
    document = parsed(report("-p", prometheus_url, "--postgres-dsn", slow_database, "--redis-url", valkey_url))
    assert set(statuses(document).values()) == {"ok"}
    assert rule(document, "missing-index")["status"] == "fired"
    assert all(source["latency_seconds"] > 0 for source in document["sources"])
    password = slow_database.split(":")[2].split("@")[0]
    assert password not in json.dumps(document)


@pytest.mark.parametrize("dead", ["prometheus", "redis"])
def test_a_dead_source_is_reported_and_hides_nothing(report: Reporter, slow_database: str, dead: str) -> None:
    address = f"127.0.0.1:{free_port()}"
    flag = ["-p", f"http://{address}"] if dead == "prometheus" else ["--redis-url", f"redis://:geheim@{address}/0"]
    done = report("--postgres-dsn", slow_database, *flag)
    document = parsed(done)
    assert statuses(document)[dead] == "unavailable"
    assert statuses(document)["postgres"] == "ok"
    assert rule(document, "missing-index")["status"] == "fired"
    assert f"{dead}" in done.stderr
    assert "unavailable" in done.stderr
    assert "geheim" not in done.stdout + done.stderr


def test_a_dead_postgres_leaves_the_others_and_is_never_healthy(
    report: Reporter, prometheus_url: str, valkey_url: str
) -> None:
    dsn = f"postgresql://advisor:geheim@127.0.0.1:{free_port()}/shop"
    done = report("-p", prometheus_url, "--redis-url", valkey_url, "--postgres-dsn", dsn)
    document = parsed(done)
    assert statuses(document) == {"prometheus": "ok", "postgres": "unavailable", "redis": "ok"}
    assert rule(document, "missing-index")["status"] == "skipped"
    assert "geheim" not in done.stdout + done.stderr


def test_no_source_that_answers_ends_with_3_and_none_given_does_too(report: Reporter) -> None:
    dead = report("-p", f"http://127.0.0.1:{free_port()}")
    assert statuses(parsed(dead, code=3))["prometheus"] == "unavailable"
    assert report().returncode == 3


def test_findings_fail_the_command_only_when_asked_and_only_from_that_severity_on(
    report: Reporter, slow_database: str
) -> None:
    found = parsed(report("--postgres-dsn", slow_database))["findings"]
    order = ["info", "warning", "critical"]
    worst = max(order.index(finding["severity"]) for finding in found)
    for rank, severity in enumerate(order):
        done = report("--postgres-dsn", slow_database, "--fail-on", severity)
        assert done.returncode == (1 if rank <= worst else 0), (severity, found)
        assert json.loads(done.stdout)["findings"]
    assert report("--postgres-dsn", slow_database, "--fail-on", "dreadful").returncode == 2


def test_findings_of_an_unreached_source_never_turn_3_into_1(report: Reporter) -> None:
    assert report("-p", f"http://127.0.0.1:{free_port()}", "--fail-on", "info").returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [["--postgres-dsn", "host=x port"], ["-p", "ftp://127.0.0.1"], ["--redis-url", "http://127.0.0.1"]],
)
def test_an_address_that_cannot_be_one_is_a_configuration_error(report: Reporter, arguments: list[str]) -> None:
    done = report(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr

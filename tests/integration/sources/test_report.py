"""`advisor report` with each source alone, with all, and with a dead one among them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from advisor.servers.listening import free_port
from advisor.servers.prometheus import PrometheusServer

ROOT = Path(__file__).resolve().parents[3]
NO_SOURCE = 3


def report(folder: Path, *flags: str) -> tuple[int, Any, str]:
    """Exit code, the JSON document, and what was said on stderr."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    done = subprocess.run(
        [sys.executable, "-m", "advisor.cli.main", "report", "-o", "json", *flags],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def statuses(document: Any) -> dict[str, str]:
    return {source["name"]: source["status"] for source in document["sources"]}


def test_each_source_alone_all_together_and_one_that_is_dead(
    tmp_path: Path,
    database: str,
    valkey_url: str,
    prometheus_server: Callable[[dict[str, list[str]]], PrometheusServer],
) -> None:
    prometheus = prometheus_server({"nobody": [f"127.0.0.1:{free_port()}"]})
    flags = {
        "prometheus": ("-p", prometheus.url),
        "postgres:main": ("--postgres-dsn", database),
        "redis:main": ("--redis-url", valkey_url),
    }
    off = dict.fromkeys(flags, "off")
    for name, flag in flags.items():
        code, document, _ = report(tmp_path, *flag)
        assert (code, statuses(document)) == (0, {**off, name: "ok"})
        assert all(rule["status"] in ("fired", "healthy") or rule["reason"] for rule in document["rules"])
    everything = [word for flag in flags.values() for word in flag]
    code, document, _ = report(tmp_path, *everything)
    assert (code, statuses(document)) == (0, dict.fromkeys(flags, "ok"))

    dead = f"postgresql://me:topsecret@127.0.0.1:{free_port()}/shop"
    code, document, errors = report(tmp_path, *everything, "--postgres-dsn", dead)
    assert code == 0, "the others answer"
    assert statuses(document) == {"prometheus": "ok", "postgres:main": "unavailable", "redis:main": "ok"}
    [source] = [source for source in document["sources"] if source["name"] == "postgres:main"]
    assert "refused" in source["detail"]
    assert "postgres:main" in errors
    assert "topsecret" not in json.dumps(document) + errors

    code, document, errors = report(tmp_path, "--postgres-dsn", dead)
    assert (code, statuses(document)) == (NO_SOURCE, {**off, "postgres:main": "unavailable"})
    assert list(tmp_path.iterdir()) == [], "a report writes nothing anywhere"

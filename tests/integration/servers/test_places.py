"""Where servers run from: a checkout only root may enter, an installed copy, another user's home."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from advisor.servers import postgres
from advisor.servers.folders import cache_folder, reachable_by_others
from advisor.servers.installation import embedded, with_hypopg
from tests.integration.servers.installed_copy import InstalledCopy, installed_copy
from tests.integration.servers.processes import comes_true, is_running


def test_postgres_runs_from_a_folder_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    installation = embedded().copied_to(closed / "postgres")
    with postgres.start(installation) as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        program = Path(f"/proc/{server.process.pid}/exe").readlink()
        folder = server.process.folder
        if os.geteuid() == 0:  # Postgres is another user then: programs and data lie where that user may go
            assert program.is_relative_to(folder)
            assert folder.parent == Path(tempfile.gettempdir())
        else:
            assert program.is_relative_to(closed)
            assert folder.parent == cache_folder() / "run"
    assert not folder.exists()


def test_the_distributions_postgres_can_be_moved_like_the_embedded_one(tmp_path: Path) -> None:
    moved = with_hypopg().copied_to(tmp_path / "postgres")
    with postgres.start(moved) as server, psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE EXTENSION hypopg")
        connection.execute("CREATE EXTENSION pg_stat_statements")


def test_a_closed_folder_on_the_way_makes_a_place_unreachable(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "outer").chmod(0o700)
    assert not reachable_by_others(inner)
    assert reachable_by_others(Path("/usr/bin"))


@pytest.fixture(scope="module")
def copy() -> Iterator[InstalledCopy]:
    with installed_copy() as copy:
        yield copy


def test_an_ordinary_user_runs_an_installed_copy_with_everything_under_the_users_own_cache(copy: InstalledCopy) -> None:
    script = Path(__file__).with_name("hold_servers.py").read_text()
    with copy.run("-c", script) as holder:
        assert holder.stdout is not None
        assert holder.stderr is not None
        line = holder.stdout.readline()
        assert line, holder.stderr.read()
        started = {int(pid): Path(folder) for pid, folder in json.loads(line).items()}
        assert {folder.parent for folder in started.values()} == {copy.home / ".cache/tuning-advisor/run"}
        assert all(is_running(pid) for pid in started)
        holder.kill()
    assert len(started) == 2
    assert comes_true(lambda: not any(is_running(pid) for pid in started))


def test_the_cache_follows_the_xdg_variable(copy: InstalledCopy) -> None:
    script = "from advisor.servers.folders import cache_folder; print(cache_folder())"
    with copy.run("-c", script, XDG_CACHE_HOME="/somewhere") as process:
        assert process.communicate()[0].strip() == "/somewhere/tuning-advisor"


def test_without_prometheus_and_without_apt_one_line_says_what_to_install(copy: InstalledCopy) -> None:
    with copy.run("-m", "advisor.servers.fetch", XDG_CACHE_HOME=str(copy.home / "empty")) as fetch:
        _, said = fetch.communicate()
    assert said == ("error: prometheus is missing and cannot be fetched: there is no apt-get (install prometheus)\n")
    assert fetch.returncode == 1

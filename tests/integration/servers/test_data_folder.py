"""Data folders that are unpacked instead of made."""

import os
import pwd
import shutil
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from advisor.servers import postgres
from advisor.servers.data_folder import Cluster, initialise
from advisor.servers.folders import UNPRIVILEGED_USER, RunFolder
from advisor.servers.installation import embedded

NewCluster = Callable[[], Cluster]


@pytest.fixture
def new_cluster() -> Iterator[NewCluster]:
    """Empty folders of a server to come, as `start` makes them."""
    with ExitStack() as folders:

        def made() -> Cluster:
            folder = folders.enter_context(RunFolder.open("postgres")).path
            data = folder / "data"
            data.mkdir(mode=0o700)
            installation, user = embedded(), None
            if os.geteuid() == 0:
                user = UNPRIVILEGED_USER
                os.chown(data, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
                folder.chmod(0o711)
                installation = installation.copied_to(folder / "postgres")
            return Cluster(installation=installation, folder=folder, data=data, user=user, is_lean=True)

        yield made


def files_of(cluster: Cluster) -> set[str]:
    return {str(path.relative_to(cluster.data)) for path in cluster.data.rglob("*")}


def test_what_is_kept_is_private_and_the_next_folder_is_the_same(new_cluster: NewCluster, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first, second = new_cluster(), new_cluster()
    initialise(first, "advisor", "first", kept)
    (archive,) = kept.iterdir()
    made = archive.stat().st_ino
    initialise(second, "advisor", "second", kept)
    assert files_of(first) == files_of(second)
    assert archive.stat().st_ino == made
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(archive.stat().st_mode)) == (0o700, 0o600)
    assert second.data.stat().st_uid == (second.data / "PG_VERSION").stat().st_uid
    assert stat.S_IMODE(second.data.stat().st_mode) == 0o700


def test_every_server_has_a_password_of_its_own() -> None:
    with postgres.start(is_lean=True) as first, postgres.start(is_lean=True) as second:
        for server in (first, second):
            with psycopg.connect(server.dsn) as connection:
                assert connection.execute("SELECT datname FROM pg_database").fetchall() == [("postgres",)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(first.dsn.replace(str(first.port), str(second.port)))


@pytest.mark.parametrize("length", [0, 100, 1_000_000])
def test_an_archive_that_is_cut_short_is_made_anew(new_cluster: NewCluster, tmp_path: Path, length: int) -> None:
    kept = tmp_path / "kept"
    whole, broken = new_cluster(), new_cluster()
    initialise(whole, "advisor", "first", kept)
    (archive,) = kept.iterdir()
    good_length = archive.stat().st_size
    os.truncate(archive, length)
    initialise(broken, "advisor", "second", kept)
    assert files_of(broken) == files_of(whole)
    assert [path.stat().st_size for path in kept.iterdir()] == [good_length]


def test_nothing_is_kept_where_nothing_can_be_written(new_cluster: NewCluster, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cluster = new_cluster()
    initialise(cluster, "advisor", "password", tmp_path / "file" / "kept")
    assert (cluster.data / "PG_VERSION").exists()


def test_an_archive_that_others_could_have_written_is_not_used(new_cluster: NewCluster, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    initialise(new_cluster(), "advisor", "first", kept)
    (archive,) = kept.iterdir()
    archive.write_bytes(b"somebody else's")
    kept.chmod(0o777)
    cluster = new_cluster()
    initialise(cluster, "advisor", "second", kept)
    assert (cluster.data / "PG_VERSION").exists()
    assert archive.read_bytes() == b"somebody else's"


def test_two_that_begin_at_once_do_not_meet(new_cluster: NewCluster, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    clusters = [new_cluster(), new_cluster()]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda cluster: initialise(cluster, "advisor", "password", kept), clusters))
    assert files_of(clusters[0]) == files_of(clusters[1])
    assert [path.suffix for path in kept.iterdir()] == [".tar"]


def test_remains_and_archives_of_old_versions_go(new_cluster: NewCluster, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o700)
    for name, age_days in (("old.tar", 31), ("other.tar", 29), ("a.partial", 2), ("b.partial", 0.5)):
        (kept / name).touch()
        age_seconds = (kept / name).stat().st_mtime - age_days * 86_400
        os.utime(kept / name, (age_seconds, age_seconds))
    initialise(new_cluster(), "advisor", "password", kept)
    assert {path.name for path in kept.iterdir()} >= {"other.tar", "b.partial"}
    assert len(list(kept.iterdir())) == 3
    shutil.rmtree(kept)

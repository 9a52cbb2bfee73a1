"""Data folders for Postgres. initdb takes a second; what it made is kept, packed, and unpacked for the next server.

What is kept is as initdb left it: a password that nobody knows, no table, no statistics. It lies in a folder of our
own, mode 0700, under the digest of the server's program, so that a new version makes its own. Whatever goes wrong
with it, initdb makes the folder as if nothing had been kept.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from advisor.servers.errors import ServerUnavailableError
from advisor.servers.folders import cache_folder
from advisor.servers.installation import Installation
from advisor.servers.process import run_tool

_FORMAT = 1  # to be raised when the options of initdb change
_UNUSED_DAYS = 30
_OPTIONS = ("--no-locale", "--encoding=UTF8", "--no-sync", "--auth=scram-sha-256")
_ONE_DATABASE = "UPDATE pg_database SET datistemplate = false\nDROP DATABASE template0\nDROP DATABASE template1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Folders of one server and the user it runs as; none means ours. data: exists, empty at first.

    is_lean: one database, `postgres`, and small logs, for a server that holds no data: a third of the files to write.
    """

    installation: Installation
    folder: Path
    data: Path
    user: str | None = None
    is_lean: bool = False


def initialise(cluster: Cluster, owner: str, password: str, kept: Path | None = None) -> None:
    """Fill the data folder; `owner` is the superuser.

    kept: the folder of what is kept, `clusters` in the cache if not given. Raises ServerUnavailableError.
    """
    archive = (kept or cache_folder() / "clusters") / f"{_key(cluster, owner)}.tar"
    if _unpacked(archive, cluster):
        with suppress(ServerUnavailableError):
            _set_password(cluster, owner, password)
            return
        archive.unlink(missing_ok=True)  # it is no good
    _emptied(cluster.data)
    _make(cluster, owner)
    _pack(cluster.data, archive)
    _set_password(cluster, owner, password)


def _key(cluster: Cluster, owner: str) -> str:
    with (cluster.installation.bin / "postgres").open("rb") as program:
        digest = hashlib.file_digest(program, "sha256")
    digest.update(f"{_FORMAT} {owner} {cluster.is_lean}".encode())
    return digest.hexdigest()[:32]


def _make(cluster: Cluster, owner: str) -> None:
    """By initdb, which wants a password: it gets one that nobody learns."""
    forgotten = cluster.folder / "password"
    forgotten.touch(mode=0o600)
    forgotten.write_text(secrets.token_urlsafe(18))
    if cluster.user:
        shutil.chown(forgotten, cluster.user)
    options = [*_OPTIONS, f"--username={owner}", f"--pwfile={forgotten}", f"--pgdata={cluster.data}"]
    if cluster.is_lean:
        options.append("--wal-segsize=1")
    try:
        _run(cluster, "initdb", [*options, *_without_checksums(cluster)])
    finally:
        forgotten.unlink()
    if cluster.is_lean:
        _run_single(cluster, _ONE_DATABASE)


def _without_checksums(cluster: Cluster) -> Sequence[str]:
    """From 18 pages carry checksums unless told otherwise: nothing here outlives its server."""
    known = _run(cluster, "initdb", ["--help"])
    return ["--no-data-checksums"] if "--no-data-checksums" in known else []


def _set_password(cluster: Cluster, owner: str, password: str) -> None:
    _run_single(cluster, f"ALTER ROLE {owner} PASSWORD '{password}'\n")


def _run_single(cluster: Cluster, text: str) -> None:
    """By a server without a port that ends at once: nobody can log in before."""
    options = ["--single", "-D", str(cluster.data), "-c", "fsync=off", "-c", "log_min_messages=fatal", "postgres"]
    _run(cluster, "postgres", options, text)


def _run(cluster: Cluster, program: str, options: Sequence[str], text: str = "") -> str:
    command = [str(cluster.installation.bin / program), *options]
    environment = cluster.installation.environment
    return run_tool(command, what=program, environment=environment, user=cluster.user, text=text)


def _unpacked(archive: Path, cluster: Cluster) -> bool:
    """Whether the data folder was filled from `archive`, by the user that the server runs as."""
    try:
        with archive.open("rb") as packed:
            if not _is_ours_alone(archive.parent):
                return False
            os.utime(archive)
            run_tool(["tar", "-xf", "-", "-C", str(cluster.data)], what="tar", user=cluster.user, source=packed)
    except (OSError, ServerUnavailableError):
        return False
    return True


def _pack(data: Path, archive: Path) -> None:
    """For the next server. A folder that cannot be written keeps nothing, and no harm is done."""
    partial = archive.with_name(f"{archive.stem}-{secrets.token_hex(4)}.partial")
    try:
        archive.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours_alone(archive.parent):
            return
        _sweep(archive.parent)
        partial.touch(mode=0o600, exist_ok=False)
        with partial.open("wb") as packed:
            packing = ["tar", "-cf", "-", "--owner=0", "--group=0", "-C", str(data), "."]
            subprocess.run(packing, stdout=packed, stderr=subprocess.DEVNULL, timeout=60, check=True)
            os.fsync(packed.fileno())  # a name must never stand for half a file
        partial.rename(archive)
    except (OSError, subprocess.SubprocessError):
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _is_ours_alone(folder: Path) -> bool:
    """What others could have put there is not trusted."""
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _sweep(folder: Path) -> None:
    """Remove what killed processes left, and what no server was made of for a month."""
    for pattern, days in (("*.partial", 1), ("*.tar", _UNUSED_DAYS)):
        for path in folder.glob(pattern):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > days * 86_400:
                    path.unlink(missing_ok=True)


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

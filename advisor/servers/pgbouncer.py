"""PgBouncer of our own, for tests of what stands between us and a Postgres: the distribution's package, unpacked."""

import os
import pwd
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from advisor.servers.debian import unpacked
from advisor.servers.folders import UNPRIVILEGED_USER, RunFolder, reachable_by_others
from advisor.servers.listening import free_port, listening
from advisor.servers.postgres import OWNER, PostgresServer
from advisor.servers.process import Program

_UNNEEDED = ("libpython", "libperl")


def program() -> tuple[Path, str]:
    """`pgbouncer` and where its libraries lie. Raises ServerUnavailableError, which says what to install."""
    on_path = shutil.which("pgbouncer")
    if on_path is not None:
        return Path(on_path), ""
    tree = unpacked("pgbouncer", [["pgbouncer"]], _UNNEEDED)
    libraries = sorted({str(path.parent) for path in tree.glob("**/lib/*/lib*.so.*")})
    return tree / "usr/sbin/pgbouncer", ":".join(libraries)


@contextmanager
def start(
    server: PostgresServer, pool_mode: str, more: str = "", choose_port: Callable[[], int] = free_port
) -> Iterator[int]:
    """The port of a PgBouncer on loopback before `server`, with pools of two sessions.

    more: further lines of its settings. Raises ServerUnavailableError.
    """
    pgbouncer, libraries = program()
    with RunFolder.open("pgbouncer") as folder:
        user = None
        if os.geteuid() == 0:  # it refuses to run as root
            user = UNPRIVILEGED_USER
            folder.path.chmod(0o711)
            if not reachable_by_others(pgbouncer.parent):
                pgbouncer, libraries = _copied(pgbouncer, libraries, folder.path)

        def program_on(port: int) -> Program:
            settings = folder.path / "pgbouncer.ini"
            settings.touch(mode=0o600)
            settings.write_text(_settings(server, port, pool_mode, more))
            if user is not None:
                os.chown(settings, pwd.getpwnam(user).pw_uid, -1)
            return Program(
                name="pgbouncer",
                command=[str(pgbouncer), str(settings)],
                folder=folder.path,
                environment={"LD_LIBRARY_PATH": libraries} if libraries else {},
                user=user,
                stop_signal=signal.SIGTERM,
            )

        with listening(program_on, _answers, choose_port) as running:
            yield running.port


def _copied(pgbouncer: Path, libraries: str, folder: Path) -> tuple[Path, str]:
    for place in filter(None, libraries.split(":")):
        shutil.copytree(place, folder / "lib", dirs_exist_ok=True)
    return Path(shutil.copy2(pgbouncer, folder / "pgbouncer")), str(folder / "lib") if libraries else ""


def _settings(server: PostgresServer, port: int, pool_mode: str, more: str) -> str:
    password = psycopg.conninfo.conninfo_to_dict(server.dsn)["password"]
    return f"""[databases]
* = host=127.0.0.1 port={server.port} user={OWNER} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = {pool_mode}
unix_socket_dir =
admin_users = {OWNER}
default_pool_size = 2
{more}
"""


def _answers(port: int) -> bool:
    try:
        psycopg.connect(f"host=127.0.0.1 port={port} user={OWNER} dbname=postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True

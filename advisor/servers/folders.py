"""Where tools are unpacked and servers keep their data. Nothing outside is touched, save one case named below."""

import fcntl
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

UNPRIVILEGED_USER = "nobody"
_CHECKOUT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """`.cache/` of the checkout; for an installed wheel `$XDG_CACHE_HOME/tuning-advisor`."""
    if (_CHECKOUT / "pyproject.toml").exists():
        return _CHECKOUT / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tuning-advisor"


def tools_folder() -> Path:
    """Unpacked programs, one folder each."""
    return cache_folder() / "tools"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A private folder for one server, gone when closed.

    Its lock is held by this process; the folder of a process that was killed is swept away by the next `open`.
    """

    path: Path
    _lock: int
    _lock_path: Path

    @classmethod
    def open(cls, name: str) -> Self:
        """A new empty folder, mode 0700.

        For root it lies under the system's temporary folder: a server that drops its privileges must be able to reach
        it even where the checkout is in a folder that only root may enter.
        """
        runs = _runs()
        runs.mkdir(parents=True, exist_ok=True)
        sweep()
        parent = Path(tempfile.gettempdir()) if os.geteuid() == 0 else runs
        path = parent / f"advisor-{name}-{secrets.token_hex(8)}"
        lock_path = runs / f"{path.name}.lock"
        lock = os.open(lock_path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(lock, str(path).encode())
        path.mkdir(mode=0o700)  # after its lock is written: killed in between, nothing is left that is not swept
        return cls(path, lock, lock_path)

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _runs() -> Path:
    """Of the locks, and of the folders of those who are not root."""
    return cache_folder() / "run"


def sweep() -> None:
    """Remove what killed processes left: folders whose lock nobody holds any more."""
    for lock_path in _runs().glob("*.lock"):
        try:
            lock = os.open(lock_path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        left = os.read(lock, 4096).decode()
        if left and Path(left).name == lock_path.stem:
            shutil.rmtree(left, ignore_errors=True)
            lock_path.unlink(missing_ok=True)
        os.close(lock)


def reachable_by_others(path: Path) -> bool:
    """Whether an unprivileged user could enter `path`: every folder on the way lets others pass."""
    resolved = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (resolved, *resolved.parents))

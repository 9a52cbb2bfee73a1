"""The board in a JSON file, {knob: entry}: one application's, on a disk or volume its processes can read."""

import errno
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from advisor.model.errors import KnobBusyError, KnobError

_READABLE_BY_AGENTS = 0o644
_LOCK_POLL_SECONDS = 0.02


class FileBoard:
    """A Board in one file. Readers need no lock: the file is replaced whole, by a rename.

    Writers take turns by a lock on `<file>.lock`, which goes with the process that holds it.
    """

    def __init__(self, path: Path, *, app: str, lock_timeout_seconds: float = 2.0) -> None:
        self._path = path
        self._app = app
        self._lock_timeout_seconds = lock_timeout_seconds

    @property
    def name(self) -> str:
        return f"file:{self._path}"

    def read(self, app: str, knob: str) -> str | None:
        self._check(app)
        entry = self._entries().get(knob)
        return None if entry is None else json.dumps(entry)

    def swap(self, app: str, knob: str, *, seen: str | None, wanted: str) -> bool:
        self._check(app)
        with self._locked():
            entries = self._entries()
            entry = entries.get(knob)
            if (None if entry is None else json.dumps(entry)) != seen:
                return False
            self._replace({**entries, knob: json.loads(wanted)})
        return True

    def check_writable(self, app: str) -> None:
        self._check(app)
        self._entries()
        folder = self._path.parent
        if not folder.is_dir():
            raise self._not_writable(OSError(errno.ENOENT, os.strerror(errno.ENOENT)))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._not_writable(OSError(errno.EACCES, os.strerror(errno.EACCES)))

    def _check(self, app: str) -> None:
        if app != self._app:
            raise KnobError(f"holds the knobs of {self._app!r}, not of {app!r}", where=self.name, fix="one file an app")

    def _entries(self) -> dict[str, object]:
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise KnobBusyError(f"cannot be read: {error.strerror}", where=self.name) from error
        except (ValueError, RecursionError) as error:
            fix = "mend it by hand, or remove it: agents then keep what they have"
            raise KnobError("is not JSON in UTF-8", where=self.name, fix=fix) from error
        if not isinstance(entries, dict):
            raise KnobError("is not a JSON object of entries by knob name", where=self.name, fix="mend it by hand")
        return entries

    def _replace(self, entries: dict[str, object]) -> None:
        """Write beside the file and rename, so that a reader sees the old text or the new one and never a part."""
        try:
            mode = self._path.stat().st_mode & 0o777 if self._path.exists() else _READABLE_BY_AGENTS
            handle, draft = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(entries, file, indent=2)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).chmod(mode)
                Path(draft).replace(self._path)
            finally:
                Path(draft).unlink(missing_ok=True)
        except OSError as error:
            raise self._not_writable(error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = self._path.with_name(self._path.name + ".lock").open("a")
        except OSError as error:
            raise self._not_writable(error) from error
        with lock:
            give_up_at = time.monotonic() + self._lock_timeout_seconds
            while not _try_lock(lock.fileno()):
                if time.monotonic() >= give_up_at:
                    raise KnobBusyError("another process is writing", where=self.name, fix="try again later")
                time.sleep(_LOCK_POLL_SECONDS)
            yield

    def _not_writable(self, error: OSError) -> KnobError:
        fix = "give the daemon a writable folder; a mounted ConfigMap is read-only and needs a Redis board instead"
        return KnobError(f"cannot be written: {error.strerror}", where=self.name, fix=fix)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

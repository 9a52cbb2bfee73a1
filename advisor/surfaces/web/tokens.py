"""Bearer tokens from files, one a file: two or more are valid at once, and a file that changes is read again."""

import hashlib
import hmac
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from advisor.model.errors import ConfigurationError, SeveralFaultsError

log = structlog.get_logger()

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_SHORTEST, _LONGEST = 16, 512
_MAKE_ONE = "(umask 077; openssl rand -hex 32 > {path})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A file as it was read. digest: of its token; None where it holds none that does. stamp: None while missing."""

    stamp: tuple[int, ...] | None
    digest: bytes | None


class TokenFiles:
    """Who holds which token. A token is known by its file's name, and by nothing else.

    Asked from one thread only: that of the server.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Raises ConfigurationError for a file that is missing, open to others, or without a token that does."""
        self._paths = [Path(path) for path in paths]
        self._known: dict[Path, _Known] = {}
        faults = [fault for number, path in enumerate(self._paths) if (fault := self._fault(path, number))]
        if faults:
            raise faults[0] if len(faults) == 1 else SeveralFaultsError(faults)

    def holder(self, token: str) -> str | None:
        """The name of the file that holds `token` now, None where none does. Takes as long for any two tokens."""
        digest = _digest(token)
        found: str | None = None
        for number, path in enumerate(self._paths):
            self._read_again(path, number)
            known = self._known[path].digest
            if hmac.compare_digest(known or b"", digest) and found is None:
                found = path.name
        return found

    def _fault(self, path: Path, number: int) -> ConfigurationError | None:
        stamp = _stamp_of(path)
        try:
            self._known[path] = _Known(stamp=stamp, digest=_digest(_read(path, f"web.token_files.{number}")))
        except ConfigurationError as error:
            self._known[path] = _Known(stamp=stamp, digest=None)
            return error
        return None

    def _read_again(self, path: Path, number: int) -> None:
        """A file that no longer does takes its token out of force: what was revoked must not go on working."""
        if _stamp_of(path) == self._known[path].stamp:
            return
        fault = self._fault(path, number)
        if fault is None:
            log.info("token_reread", file=path.name)
        else:
            log.error("token_refused", error=str(fault))


def _stamp_of(path: Path) -> tuple[int, ...] | None:
    """What tells one state of a file from another, its permissions included; a link counts as what it leads to."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read(path: Path, where: str) -> str:
    """The token in `path`. Raises ConfigurationError, which never shows it."""
    try:
        with path.open("rb") as file:
            _check_access(os.fstat(file.fileno()), path, where)
            content = file.read(_LONGEST + 3)  # room for a line's end
    except OSError as error:
        fix = f"make one: {_MAKE_ONE.format(path=path)}"
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", where=where, fix=fix) from error
    token = content.decode("ascii", errors="replace").strip()
    fix = f"write one random token of {_SHORTEST} to {_LONGEST} characters: {_MAKE_ONE.format(path=path)}"
    if not token:
        raise ConfigurationError(f"{path} is empty", where=where, fix=fix)
    if not _TOKEN.fullmatch(token):
        raise ConfigurationError(f"{path} does not hold one token", where=where, fix=fix)
    if not _SHORTEST <= len(token) <= _LONGEST:
        raise ConfigurationError(f"{path} holds a token that could be guessed, or is too long", where=where, fix=fix)
    return token


def _check_access(found: os.stat_result, path: Path, where: str) -> None:
    """As Postgres has it for keys: for the owner alone; root's may be read by the group, as mounted secrets are."""
    allowed = stat.S_IRGRP if found.st_uid == 0 and os.geteuid() != 0 else 0
    excess = stat.S_IMODE(found.st_mode) & (stat.S_IRWXG | stat.S_IRWXO) & ~allowed
    if excess:
        who = "everybody" if excess & stat.S_IRWXO else "its group"
        raise ConfigurationError(f"{path} is open to {who}", where=where, fix=f"chmod 600 {path}")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", errors="surrogateescape")).digest()

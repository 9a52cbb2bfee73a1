"""Secrets that lie in files, one a file. A file that changes is read again, so that a rotation needs no restart."""

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from advisor.model.errors import ConfigurationError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretShape:
    """What a secret looks like, and how its file is kept.

    noun: what errors call it. shortest, longest: characters. is_private: nobody else may read the file. fix: how to
    make a good one, with {path} for the file.
    """

    noun: str = "secret"
    pattern: re.Pattern[str] = re.compile(r"[!-~]+")
    shortest: int = 1
    longest: int = 4096
    is_private: bool = False
    fix: str = "write the secret and nothing else into {path}"


_ANY = SecretShape()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A file as it was read. stamp: of its state, None while it is missing. secret: None where `what` says why."""

    stamp: tuple[int, ...] | None
    secret: str | None = field(default=None, repr=False)
    what: str = ""
    fix: str = ""


class SecretFile:
    """From any thread. Nothing shows what is in it but `read` and `current`: no error, no log line, no repr."""

    def __init__(self, path: str, setting: str, shape: SecretShape = _ANY) -> None:
        """setting: which one names the file, such as "slack.bot_token_file"."""
        self.path = Path(path)
        self.setting = setting
        self._shape = shape
        self._known: _Known | None = None

    @property
    def name(self) -> str:
        """Of the file, without its folder."""
        return self.path.name

    def read(self) -> str:
        """What it holds now, without the blanks around it. Raises ConfigurationError where that does not do."""
        known = self._look()
        if known.secret is None:
            raise ConfigurationError(known.what, where=self.setting, fix=known.fix)
        return known.secret

    def current(self) -> str | None:
        """The same, None where it does not do: what was revoked must not go on working. The log says so, once."""
        return self._look().secret

    def _look(self) -> _Known:
        """Reads it where it has changed. The stamp is older than what is read, so that no change is overlooked."""
        before, stamp = self._known, _stamp_of(self.path)
        if before is not None and before.stamp == stamp:
            return before
        try:
            known = _Known(stamp=stamp, secret=self._content())
        except ConfigurationError as fault:
            known = _Known(stamp=stamp, what=fault.what, fix=fault.fix)
        self._known = known
        if before is not None and known.secret is None:
            log.error("secret_refused", setting=self.setting, error=known.what, fix=known.fix)
        elif before is not None and known.secret != before.secret:
            log.info("secret_reread", setting=self.setting, file=self.name)
        return known

    def _content(self) -> str:
        shape, fix = self._shape, self._shape.fix.format(path=self.path)
        try:
            with self.path.open("rb") as file:
                if shape.is_private:
                    self._check_private(os.fstat(file.fileno()))
                content = file.read(shape.longest + 3)  # room for a line's end
        except OSError as error:
            what = f"{self.path} cannot be read: {error.strerror}"
            raise ConfigurationError(what, where=self.setting, fix=fix) from None
        secret = content.decode("ascii", errors="replace").strip()
        if not secret:
            raise ConfigurationError(f"{self.path} is empty", where=self.setting, fix=fix)
        if not shape.pattern.fullmatch(secret):
            raise ConfigurationError(f"{self.path} does not hold one {shape.noun}", where=self.setting, fix=fix)
        if not shape.shortest <= len(secret) <= shape.longest:
            what = f"{self.path} holds a {shape.noun} that could be guessed, or is too long"
            raise ConfigurationError(what, where=self.setting, fix=fix)
        return secret

    def _check_private(self, found: os.stat_result) -> None:
        """As Postgres has it for keys: for the owner alone; root's may be read by the group, as mounted secrets are."""
        allowed = stat.S_IRGRP if found.st_uid == 0 and os.geteuid() != 0 else 0
        excess = stat.S_IMODE(found.st_mode) & (stat.S_IRWXG | stat.S_IRWXO) & ~allowed
        if excess:
            who = "everybody" if excess & stat.S_IRWXO else "its group"
            raise ConfigurationError(f"{self.path} is open to {who}", where=self.setting, fix=f"chmod 600 {self.path}")


def _stamp_of(path: Path) -> tuple[int, ...] | None:
    """What tells one state of a file from another, its permissions included; a link counts as what it leads to."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

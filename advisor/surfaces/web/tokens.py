"""Bearer tokens from files, one a file: two or more are valid at once."""

import hashlib
import hmac
import re
from collections.abc import Sequence

from advisor.model.errors import ConfigurationError, SeveralFaultsError
from advisor.settings.secret_file import SecretFile, SecretShape

_SHAPE = SecretShape(
    noun="token",
    pattern=re.compile(r"[A-Za-z0-9._~+/-]+=*"),
    shortest=16,
    longest=512,
    is_private=True,
    fix="write one random token of 16 to 512 characters: (umask 077; openssl rand -hex 32 > {path})",
)


def token_files(paths: Sequence[str]) -> tuple[SecretFile, ...]:
    """Those of the setting web.token_files."""
    return tuple(SecretFile(path, f"web.token_files.{number}", _SHAPE) for number, path in enumerate(paths))


class TokenFiles:
    """Who holds which token. A token is known by its file's name, and by nothing else."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Raises ConfigurationError for a file that is missing, open to others, or without a token that does."""
        self._files = token_files(paths)
        faults = [fault for file in self._files if (fault := _fault(file)) is not None]
        if faults:
            raise faults[0] if len(faults) == 1 else SeveralFaultsError(faults)

    def holder(self, token: str) -> str | None:
        """The name of the file that holds `token` now, None where none does. Takes as long for any two tokens."""
        digest = _digest(token)
        found: str | None = None
        for file in self._files:
            known = file.current()
            if hmac.compare_digest(_digest(known) if known is not None else b"", digest) and found is None:
                found = file.name
        return found


def _fault(file: SecretFile) -> ConfigurationError | None:
    try:
        file.read()
    except ConfigurationError as error:
        return error
    return None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", errors="surrogateescape")).digest()

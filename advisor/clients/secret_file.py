"""Secrets that lie in files, where a rotation can put a new one."""

from pathlib import Path

from advisor.model.errors import ConfigurationError


def read_secret(file: str, setting: str) -> str:
    """What `file` holds, without the spaces around it; no error shows it. Raises ConfigurationError."""
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(f"{file} cannot be read: {reason}", where=setting, fix="mend the file") from None
    if not text or not text.isascii() or any(character.isspace() for character in text):
        raise ConfigurationError(
            f"{file} does not hold one secret in one line", where=setting, fix="write the secret and nothing else"
        )
    return text

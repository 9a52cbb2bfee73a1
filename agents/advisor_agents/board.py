"""Where the wanted values are published: a Redis hash or a JSON file."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class BoardUnavailableError(Exception):
    """The board cannot be read now. Values stay as they are."""


class Board(Protocol):
    """Gives the raw entry of every knob of an application."""

    def read(self, app: str) -> Mapping[str, str | bytes]:
        """Raw entries by knob name; empty when there is no board yet. Raises BoardUnavailableError."""


class FileBoard:
    """A JSON file of {knob: entry}, such as a mounted ConfigMap. A missing file is an empty board."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._seen: tuple[int, int] | None = None
        self._entries: dict[str, str | bytes] = {}

    def read(self, app: str) -> Mapping[str, str | bytes]:
        try:
            status = self._path.stat()
            seen = (status.st_ino, status.st_mtime_ns)
            if seen != self._seen:
                self._entries = self._parse(self._path.read_text(encoding="utf-8"))
                self._seen = seen
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BoardUnavailableError(f"{self._path}: {error.strerror}") from error
        return self._entries

    def _parse(self, text: str) -> dict[str, str | bytes]:
        try:
            found = json.loads(text)
        except ValueError as error:
            raise BoardUnavailableError(f"{self._path} is not JSON") from error
        if not isinstance(found, dict):
            raise BoardUnavailableError(f"{self._path} is not a JSON object")
        return {str(knob): json.dumps(entry) for knob, entry in found.items()}

"""A complete notebook in memory."""

from collections.abc import Sequence

from advisor.model.errors import JournalError


class InMemoryNotebook:
    """Implements Notebook. While `down` is set every call fails."""

    def __init__(self) -> None:
        self.down = False
        self._texts: dict[tuple[str, str], str] = {}

    def read(self, surface: str, key: str) -> str | None:
        self._check_up()
        return self._texts.get((surface, key))

    def write(self, surface: str, key: str, text: str) -> None:
        self._check_up()
        self._texts[surface, key] = text

    def add(self, surface: str, key: str, text: str) -> bool:
        self._check_up()
        if (surface, key) in self._texts:
            return False
        self._texts[surface, key] = text
        return True

    def drop(self, surface: str, key: str) -> None:
        self._check_up()
        self._texts.pop((surface, key), None)

    def entries(self, surface: str, prefix: str = "") -> Sequence[tuple[str, str]]:
        self._check_up()
        return [(key, text) for (of, key), text in self._texts.items() if of == surface and key.startswith(prefix)]

    def _check_up(self) -> None:
        if self.down:
            raise JournalError("connection refused", where="journal")

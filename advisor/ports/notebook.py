"""What a surface must remember over a restart, and share with the other replicas."""

from collections.abc import Sequence
from typing import Protocol


class Notebook(Protocol):
    """Texts by key, of up to 255 characters, each surface for itself. Every method raises JournalError.

    A text may hold any character but U+0000. No secrets, no samples: a few kilobytes a text.
    """

    def read(self, surface: str, key: str) -> str | None:
        """The text, None where there is none."""

    def write(self, surface: str, key: str, text: str) -> None:
        """Store it, over a former one."""

    def add(self, surface: str, key: str, text: str) -> bool:
        """Store it if there is none yet; False when there is. Of several who try at once, one is told True."""

    def drop(self, surface: str, key: str) -> None:
        """Forget it; nothing happens when there is none."""

    def entries(self, surface: str, prefix: str = "") -> Sequence[tuple[str, str]]:
        """Keys that start with `prefix`, and their texts, in the order in which they were first stored."""

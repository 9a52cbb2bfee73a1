"""The fields of an object as it came: each read by its type, or refused with the name of the object and the path."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.share import Share
from advisor.sources.kubernetes_objects.sharing import shared_labels

_LONGEST_SHOWN = 60
_AS_QUANTITY = 'write it as "500m" or "2" of CPU, "512Mi" or "1Gi" of memory'
_Number = TypeVar("_Number")
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A mapping within an object, and where it stands in it. One that is null counts as absent, as for the server."""

    values: Mapping[str, Any]
    where: str

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, value, "a text")
        return value

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise BadDataError(f"{name} is missing", where=self.where, fix="every object needs it")
        return text

    def word(self, name: str, words: type[_Word], default: _Word | None = None) -> _Word:
        """One of the words that a server knows there."""
        text = self.text(name)
        if not text and default is not None:
            return default
        try:
            return words(text)
        except ValueError:
            known = ", ".join(word.value for word in words)
            raise BadDataError(f"{name} is {text!r}", where=self.where, fix=f"it should be one of {known}") from None

    def whole(self, name: str, default: int) -> int:
        return default if not self.has(name) else self._whole(name)

    def whole_or_none(self, name: str) -> int | None:
        return self._whole(name) if self.has(name) else None

    def share(self, name: str) -> Share | None:
        """A number of pods, or a percentage of them as a text; None where nothing is said."""
        value = self.values.get(name)
        percent = value.removesuffix("%") if isinstance(value, str) and value.endswith("%") else ""
        if percent.isdecimal():
            return Share(value=int(percent), is_percent=True)
        return Share(value=self._whole(name)) if value is not None else None

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def quantity(self, name: str, read: Callable[[object], _Number]) -> _Number:
        """An amount in Kubernetes' notation, which must be there."""
        try:
            return read(self.values.get(name))
        except ValueError as error:
            raise BadDataError(str(error), where=f"{self.where}.{name}", fix=_AS_QUANTITY) from error

    def inner(self, *path: str) -> "Fields":
        """The mapping at `path`; an empty one where there is none."""
        found = self
        for name in path:
            value = found.values.get(name)
            if value is not None and not isinstance(value, Mapping):
                raise found._wrong(name, value, "a mapping")
            found = Fields(values=value or {}, where=f"{found.where}.{name}")
        return found

    def items(self, name: str) -> Iterator["Fields"]:
        """The mappings of a list; none where there is no list."""
        for place, value in enumerate(self._list(name)):
            if not isinstance(value, Mapping):
                raise self._wrong(f"{name}[{place}]", value, "a mapping")
            yield Fields(values=value, where=f"{self.where}.{name}[{place}]")

    def texts(self, name: str) -> Sequence[str]:
        found = self._list(name)
        if any(not isinstance(value, str) for value in found):
            raise self._wrong(name, found, "a list of texts")
        return found

    def labels(self) -> Mapping[str, str]:
        """All of them, as a mapping of texts."""
        return shared_labels({str(name): self.text(name) for name in self.values})

    def _list(self, name: str) -> Sequence[Any]:
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._wrong(name, value, "a list")
        return value

    def _whole(self, name: str) -> int:
        value = self.values[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, value, "a whole number")
        return value

    def _wrong(self, name: str, value: object, wanted: str) -> BadDataError:
        shown = repr(value)[:_LONGEST_SHOWN]
        return BadDataError(f"{name} is {shown}", where=self.where, fix=f"it should be {wanted}")

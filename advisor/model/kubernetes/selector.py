"""Which labels are meant: the requirements of a selector, and how people write them on a command line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a label must be: one of `values`, none of them, there, or not there."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def is_met(self, labels: Mapping[str, str]) -> bool:
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.DOES_NOT_EXIST:
                return self.key not in labels


Selector = tuple[Requirement, ...]
"""All must be met; none selects everything."""

_PART = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)")
_SIGNS = frozenset({"==", "!=", "=", "!", "(", ")", ",", "<", ">"})
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_SETS = {"in": Operator.IN, "notin": Operator.NOT_IN}
_END = "the end"


def is_selected(labels: Mapping[str, str], selector: Selector) -> bool:
    return all(requirement.is_met(labels) for requirement in selector)


def parse_selector(text: str) -> Selector:
    """As `kubectl -l` takes it: "app=web,tier!=cache,env in (a,b),env notin (c),owner,!canary".

    Raises ValueError that names the part which is wrong. `>` and `<` are for nodes, and are refused.
    """
    parts = list(_parts(text))
    if not parts:
        raise ValueError("is empty: no label is named")
    found = []
    while True:
        found.append(_requirement(parts))
        following = _next(parts)
        if following == _END:
            return tuple(found)
        if following != ",":
            raise ValueError(f"a comma is expected after {_shown(found[-1])}, not {following!r}")


def _parts(text: str) -> Iterator[str]:
    stripped = text.strip()
    place = 0
    while place < len(stripped):
        found = _PART.match(stripped, place)
        assert found is not None  # whatever is no sign is a part of a word
        yield found[1]
        place = found.end()


def _next(parts: list[str]) -> str:
    return parts.pop(0) if parts else _END


def _requirement(parts: list[str]) -> Requirement:
    word = _next(parts)
    if word == "!":
        return Requirement(key=_key(_next(parts)), operator=Operator.DOES_NOT_EXIST)
    key = _key(word)
    following = parts[0] if parts else _END
    if following in (_END, ","):
        return Requirement(key=key, operator=Operator.EXISTS)
    _next(parts)
    if following in ("=", "==", "!="):
        operator = Operator.NOT_IN if following == "!=" else Operator.IN
        has_value = bool(parts) and parts[0] != ","
        return Requirement(key=key, operator=operator, values=frozenset({_value(_next(parts)) if has_value else ""}))
    if following in _SETS:
        return Requirement(key=key, operator=_SETS[following], values=_values(key, following, parts))
    if following in ("<", ">"):
        raise ValueError(f"{key} {following}: labels are compared by =, !=, in and notin")
    raise ValueError(f"after {key!r} comes {following!r}: one of = == != in notin, a comma or the end is expected")


def _values(key: str, operator: str, parts: list[str]) -> frozenset[str]:
    of = f"{key} {operator}"
    opened = _next(parts)
    if opened != "(":
        raise ValueError(f"{of}: values stand in ( ), not {opened!r}")
    values: set[str] = set()
    if parts and parts[0] == ")":
        raise ValueError(f"{of} (): at least one value is needed")
    while True:
        is_empty = bool(parts) and parts[0] in (",", ")")
        values.add("" if is_empty else _value(_next(parts)))
        following = _next(parts)
        if following == ")":
            return frozenset(values)
        if following != ",":
            raise ValueError(f"{of}: a comma or ) is expected, not {following!r}")


def _key(word: str) -> str:
    """A name of at most 63 characters, with a DNS prefix or without."""
    prefix, slash, name = word.rpartition("/")
    if word == _END or word in _SIGNS:
        raise ValueError(f"a label's name is expected, not {word!r}")
    if not _NAME.fullmatch(name) or (slash and not _PREFIX.fullmatch(prefix)):
        raise ValueError(f"{word[:80]!r} is no name of a label")
    return word


def _value(word: str) -> str:
    if word == _END or word in _SIGNS:
        raise ValueError(f"a value is expected, not {word!r}")
    if not _NAME.fullmatch(word):
        raise ValueError(f"{word[:80]!r} is no value of a label")
    return word


def _shown(requirement: Requirement) -> str:
    return f"the requirement on {requirement.key!r}"

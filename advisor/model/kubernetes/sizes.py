"""The value of the knob `k8s.resources`: "app cpu request 200m limit 1; app memory limit none; HPA web target 60%".

"none" is a field that is not there. Both values of a change name the same fields; all others are left alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.model.kubernetes.quantity import parse_bytes, parse_cores
from advisor.model.kubernetes.resources import Amount, ResourceName

NOTHING = "none"
_SIZE = re.compile(
    r"(?P<container>[a-z0-9][-a-z0-9]{0,62}) (?P<name>cpu|memory)"
    r"(?: request (?P<requests>\S+))?(?: limit (?P<limits>\S+))?"
)
_TARGET = re.compile(r"HPA (?P<hpa>[a-z0-9][-a-z0-9.]{0,252}) target (?P<percent>[1-9]\d{0,3})%")

SizeField = tuple[str, str, ResourceName]
"""A container's name, "requests" or "limits", and the resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """amounts: None for a field that is not there. targets: of the autoscalers that divide by a request, in percent."""

    amounts: Mapping[SizeField, Amount | None]
    targets: Mapping[str, int]


def size_text(
    container: str, name: ResourceName, *, request: Amount | str | None = None, limit: Amount | str | None = None
) -> str:
    """One part of a value. Of request and limit only those that are given; `NOTHING` for one that is not there."""
    parts = [f"{container} {name}"]
    for word, amount in (("request", request), ("limit", limit)):
        if amount is not None:
            parts.append(f"{word} {amount if isinstance(amount, str) else name.show(amount)}")
    return " ".join(parts)


def target_text(hpa: str, percent: int) -> str:
    return f"HPA {hpa} target {percent}%"


def join_sizes(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def parse_sizes(text: str) -> Sizes:
    """By a strict grammar. Raises ValueError for anything else, and for a field that is named twice."""
    amounts, targets = dict[SizeField, Amount | None](), dict[str, int]()
    for part in text.split("; "):
        if found := _TARGET.fullmatch(part):
            if targets.setdefault(found["hpa"], int(found["percent"])) != int(found["percent"]):
                raise ValueError(f"HPA {found['hpa']} has two targets")
            continue
        size = _SIZE.fullmatch(part)
        if size is None or not (size["requests"] or size["limits"]):
            raise ValueError(f"{part[:80]!r} is no size of a container and no target of an autoscaler")
        name = ResourceName(size["name"])
        for half in ("requests", "limits"):
            if size[half] is not None:
                field = (size["container"], half, name)
                if field in amounts:
                    raise ValueError(f"{half} of {name} of {size['container']} is named twice")
                amounts[field] = _amount(name, size[half])
    return Sizes(amounts=amounts, targets=targets)


def _amount(name: ResourceName, text: str) -> Amount | None:
    if text == NOTHING:
        return None
    return parse_cores(text) if name is ResourceName.CPU else parse_bytes(text)

"""A person's word: what was approved, by whom, and what a person does not want to hear of for a while."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person let a change happen. plan: the fingerprint of what was shown when it was approved."""

    who: str
    at: datetime
    plan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """What `rule` proposes is not begun before `until`."""

    rule: str
    until: datetime
    who: str
    reason: str = ""


def fingerprint(*parts: object) -> str:
    """16 hexadecimal digits that tell one sequence of texts and numbers from another."""
    return hashlib.sha256("\0".join(map(repr, parts)).encode()).hexdigest()[:16]

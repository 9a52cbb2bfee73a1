"""What was told already, in the notebook, so that a restart and an hour without Slack lose and repeat nothing."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from advisor.ports.notebook import Notebook
from advisor.surfaces.slack.blocks import Message

SURFACE = "slack"
PROPOSAL, SNOOZED = "proposal/", "snoozed/"
"""Keys, by a proposal's id: what was recommended, and of which of those the rule was snoozed."""
_ELSEWHERE = "elsewhere"
"""A copy may stand anywhere; that it cannot be edited says nothing of the channel that the settings name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message stands. home: the channel as the settings named it then, "" where that is not known."""

    channel: str
    ts: str
    home: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of one change.

    ts: of its message, "" before there is one. content: a hash of what was sent last. standing: where the change
    was then, as far as its buttons hang on it.
    steps: how many phases are told. detail: a hash of what the thread was given, pieces: how much of another is there.
    before: the sparkline of its first message. done: the version of which everything is told. refused: what Slack will
    not have, as a hash. lost: how many of its messages are gone. charts: which pictures the thread has, or will not
    get. home: as of Place.
    """

    channel: str = ""
    home: str = ""
    ts: str = ""
    content: str = ""
    standing: str = ""
    steps: int = 0
    detail: str = ""
    pieces: int = 0
    before: str = ""
    done: int = 0
    refused: str = ""
    lost: int = 0
    charts: tuple[str, ...] = ()

    @property
    def place(self) -> Place | None:
        return Place(channel=self.channel, ts=self.ts, home=self.home) if self.ts else None


_TOLD = TypeAdapter(Told)


def content_of(message: Message) -> str:
    """A fingerprint of what people see."""
    return _hash([message.text, message.blocks])


def detail_of(message: Message) -> str:
    """ "" where the thread needs nothing more."""
    return _hash(message.detail) if message.detail else ""


@dataclass(frozen=True, slots=True)
class Memory:
    """The notebook's page of Slack. Every method raises JournalError."""

    notebook: Notebook

    def told(self, change_id: str) -> Told:
        return _read(self.notebook.read(SURFACE, f"change/{change_id}"))

    def tell(self, change_id: str, told: Told) -> None:
        self.notebook.write(SURFACE, f"change/{change_id}", json.dumps(asdict(told)))

    def place_of(self, change_id: str) -> Place | None:
        """Where the message of a change stands now."""
        return self.told(change_id).place

    def remember_copy(self, change_id: str, place: Place) -> None:
        """Somebody pressed a message of the change that may not be the one we know: it is to lose its buttons."""
        if place != self.place_of(change_id):
            self.notebook.add(SURFACE, f"copy/{change_id}/{place.ts}", place.channel)

    def copies(self, change_id: str) -> tuple[Place, ...]:
        prefix = f"copy/{change_id}/"
        found = self.notebook.entries(SURFACE, prefix)
        return tuple(Place(channel=channel, ts=key.removeprefix(prefix), home=_ELSEWHERE) for key, channel in found)

    def copied(self) -> frozenset[str]:
        """The changes that have any."""
        return frozenset(key.split("/")[1] for key, _ in self.notebook.entries(SURFACE, "copy/"))

    def forget_copy(self, change_id: str, place: Place) -> None:
        self.notebook.drop(SURFACE, f"copy/{change_id}/{place.ts}")

    def first_start(self, now: str) -> str:
        """When Slack was first spoken to: what ended before is no news."""
        self.notebook.add(SURFACE, "since", now)
        return self.notebook.read(SURFACE, "since") or now

    def value(self, key: str) -> dict[str, Any] | None:
        """Anything else that is kept as an object of JSON; None where there is none that can be read."""
        text = self.notebook.read(SURFACE, key)
        return _object(text) if text is not None else None

    def keep(self, key: str, value: dict[str, Any]) -> None:
        self.notebook.write(SURFACE, key, json.dumps(value))

    def claim(self, key: str, value: dict[str, Any]) -> bool:
        """Whether this one was first to store `key`."""
        return self.notebook.add(SURFACE, key, json.dumps(value))

    def drop(self, key: str) -> None:
        self.notebook.drop(SURFACE, key)

    def values(self, prefix: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        found = ((key, _object(text)) for key, text in self.notebook.entries(SURFACE, prefix))
        return tuple((key, value) for key, value in found if value is not None)


def _read(text: str | None) -> Told:
    """Fields of a newer version are left out, and a row that cannot be read is as none."""
    try:
        return _TOLD.validate_json(text) if text is not None else Told()
    except ValidationError:
        return Told()


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]

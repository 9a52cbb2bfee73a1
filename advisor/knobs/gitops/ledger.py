"""How far the change under way has come, in a ref of the repository: written before each effect, by compare-and-set.

The commits say by their trailers what was done. What they cannot say is kept here: whether they were published.
"""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from advisor.clients.git import Git, GitError
from advisor.model.errors import KnobBusyError, KnobError, StaleEpochError
from advisor.model.knob import Order

REF = "refs/tuning-advisor/change"
_NONE = ""


class Phase(StrEnum):
    """The last thing that was begun, or seen to be done."""

    INTENDED = "intended"
    """To be committed, or committed; nobody else has been told."""
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    SHOWN = "shown"
    """The cluster has had the value."""
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """id: of the object that holds it, which the next write must find there."""

    change: str
    epoch: int
    phase: Phase
    id: str = _NONE


class Ledger:
    def __init__(self, git: Git) -> None:
        self._git = git

    def entry(self) -> Entry | None:
        """Raises KnobError for what this program did not write."""
        ended = self._git.tried("rev-parse", "--verify", "--quiet", REF)
        if ended.code != 0:
            return None
        found = ended.out.strip()
        try:
            told = json.loads(self._git("cat-file", "blob", found))
            return Entry(change=str(told["change"]), epoch=int(told["epoch"]), phase=Phase(told["phase"]), id=found)
        except (GitError, ValueError, KeyError, TypeError) as error:
            fix = f"git update-ref -d {REF}, once no change is open"
            raise KnobError(f"{REF} holds what is not ours", where=str(self._git.folder), fix=fix) from error

    def claim(self, order: Order) -> Entry:
        """In the name of the order's term. Raises StaleEpochError where a newer one has written."""
        entry = self.entry()
        if entry is not None and entry.epoch > order.epoch:
            what = f"term {order.epoch} is over; {entry.epoch} has written"
            raise StaleEpochError(what, where=str(self._git.folder))
        if entry is not None and (entry.change, entry.epoch) == (order.change_id, order.epoch):
            return entry
        phase = entry.phase if entry is not None and entry.change == order.change_id else Phase.INTENDED
        return self.put(entry, Entry(change=order.change_id, epoch=order.epoch, phase=phase))

    def advance(self, entry: Entry, phase: Phase) -> Entry:
        return entry if entry.phase is phase else self.put(entry, replace(entry, phase=phase))

    def put(self, former: Entry | None, entry: Entry) -> Entry:
        """Raises KnobBusyError where somebody else has written in between."""
        told = {key: value for key, value in asdict(entry).items() if key != "id"}
        made = self._git("hash-object", "-w", "--stdin", given=json.dumps(told))
        ended = self._git.tried("update-ref", REF, made, former.id if former is not None else _NONE)
        if ended.code != 0:
            raise KnobBusyError("another advisor has written in between", where=str(self._git.folder))
        return replace(entry, id=made)

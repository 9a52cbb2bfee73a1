"""The knob for every setting that agents inside an application move: pool sizes, TTLs, limits.

A write is a new entry on the application's board, swapped in only for the very entry it was decided on, so two
writers can never both win. It never replaces a newer term's word, nor somebody else's.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from advisor.knobs.agents.board import Board, Entry, from_wire, to_wire
from advisor.knobs.agents.status import Claim, InstanceView, Wish, claim_of, stand
from advisor.model.errors import BadDataError, KnobBusyError, KnobError, PermanentError, StaleEpochError
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.ports.clock import Clock

_SWAP_ATTEMPTS = 5

Decision = Callable[[Claim, Entry | None], Entry | None]
"""The entry to write in place of the one that was read; None to leave it."""


class AgentBoardKnob:
    """A Knob for targets with a subject `app`."""

    def __init__(
        self, boards: Mapping[str, Board], view: InstanceView, clock: Clock, *, stale_after_seconds: float = 60.0
    ) -> None:
        """boards: by application. stale_after_seconds: an instance silent for longer is not heard of."""
        self._boards = boards
        self._view = view
        self._clock = clock
        self._stale_after_seconds = stale_after_seconds

    def inspect(self, order: Order) -> KnobStatus:
        """Where the value stands; UNKNOWN with the reason where that will not go away by itself."""
        try:
            return self._stand(order)
        except PermanentError as error:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=str(error))

    def apply(self, order: Order) -> None:
        """Put the new value on the board, if the live value is the old one or the entry is already ours."""
        wish = _wish(order)
        _check_epoch(order, self._board(order).read(order.target.get("app"), order.target.knob))
        status = self._stand(order)
        if status.kind is KnobState.FOREIGN:
            raise _not_ours(order, status.detail)
        if status.kind is KnobState.UNKNOWN:
            raise KnobBusyError(f"the live value is not known: {status.detail}", where=str(order.target))

        def decide(claim: Claim, entry: Entry | None) -> Entry | None:
            if claim is Claim.FOREIGN:
                raise _not_ours(order, f"change {entry.change!r} came in between" if entry else "it cannot be read")
            return Entry(
                value=wish.new,
                previous=wish.old,
                change=wish.change,
                epoch=order.epoch,
                cohort=order.cohort,
                expires_at=order.hold_until,
            )

        self._swap(order, decide)

    def restore(self, order: Order) -> None:
        """Order the old value in our name and for good; an entry that is not ours is left alone."""
        wish = _wish(order)

        def decide(claim: Claim, entry: Entry | None) -> Entry | None:
            if claim in (Claim.FOREIGN, Claim.BEFORE, Claim.ROLLED_BACK):
                return None
            if claim is Claim.NOBODY and not self._is_live_by_us(order):
                return None
            return Entry(value=wish.old, previous=wish.old, change=wish.change, epoch=order.epoch)

        self._swap(order, decide)

    def renew(self, order: Order) -> None:
        """Renew or confirm our entry. Refused once it has expired: some instances may have fallen back already."""

        def decide(claim: Claim, entry: Entry | None) -> Entry | None:
            if claim is not Claim.OURS or entry is None:
                what = f"the value cannot be held: the board's entry is {claim.name.lower().replace('_', ' ')}"
                raise KnobError(what, where=str(order.target), fix="the old value comes back by itself")
            return replace(entry, epoch=order.epoch, cohort=order.cohort, expires_at=order.hold_until)

        self._swap(order, decide)

    def _stand(self, order: Order) -> KnobStatus:
        wish, board = _wish(order), self._board(order)
        app = order.target.get("app")
        # The board is read first: instances that are slower than it show up as "not yet", never as somebody else.
        text = board.read(app, order.target.knob)
        instances = self._view.values(app, order.target.knob)
        return stand(wish, text, instances, self._clock.now(), stale_after_seconds=self._stale_after_seconds)

    def _is_live_by_us(self, order: Order) -> bool:
        instances = self._view.values(order.target.get("app"), order.target.knob)
        return any(each.change == order.change_id for each in instances)

    def _swap(self, order: Order, decide: Decision) -> None:
        """Read, decide, swap; again from the start when somebody wrote in between."""
        wish, board, app = _wish(order), self._board(order), order.target.get("app")
        for _ in range(_SWAP_ATTEMPTS):
            text = board.read(app, order.target.knob)
            _check_epoch(order, text)
            claim, entry = claim_of(wish, text, self._clock.now())
            wanted = decide(claim, entry)
            if wanted is None or wanted == entry:
                return
            if board.swap(app, order.target.knob, seen=text, wanted=to_wire(wanted)):
                return
        raise KnobBusyError(
            "others keep writing this knob", where=f"{order.target} on {board.name}", fix="see who does"
        )

    def _board(self, order: Order) -> Board:
        app = order.target.get("app")
        if app not in self._boards:
            fix = "add it to `applications`; known: " + (", ".join(sorted(self._boards)) or "none")
            raise KnobError(f"application {app!r} has no board", where=str(order.target), fix=fix)
        return self._boards[app]


def _wish(order: Order) -> Wish:
    old, new = _number(order, "old", order.old), _number(order, "new", order.new)
    wish = Wish(change=order.change_id, old=old, new=new, cohorts=order.cohorts)
    if wish.old == wish.new:
        raise KnobError("the new value is the old one", where=str(order.target), fix="propose another value")
    return wish


def _number(order: Order, name: str, value: KnobValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise KnobError(f"the {name} value {value!r} is no finite number", where=str(order.target), fix="give a number")
    return value


def _check_epoch(order: Order, text: str | None) -> None:
    try:
        entry = from_wire(text) if text is not None else None
    except BadDataError:
        return
    if entry is not None and entry.epoch > order.epoch:
        what = f"term {entry.epoch} has written since; this process holds term {order.epoch}"
        raise StaleEpochError(what, where=str(order.target), fix="stop writing; the newer leader goes on")


def _not_ours(order: Order, detail: str) -> KnobError:
    return KnobError(f"somebody else set this knob: {detail}", where=str(order.target), fix="hands off; look who did")

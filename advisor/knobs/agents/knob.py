"""The knob for every setting that agents inside an application move: pool sizes, TTLs, limits.

A write is a new entry on the application's board, swapped in only for the very entry it was decided on, so two
writers can never both win. It never replaces a newer term's word, nor somebody else's.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from advisor.knobs.agents.board import Board, Entry, from_wire, to_wire
from advisor.knobs.agents.status import Claim, InstanceValue, InstanceView, Wish, claim_of, stand
from advisor.model.errors import BadDataError, KnobBusyError, KnobError, PermanentError, StaleEpochError
from advisor.model.finding import KnobValue
from advisor.model.knob import UNNAMED_POOL, KnobState, KnobStatus, Order
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
        _check_epoch(order, self._board(order).read(order.target.get("app"), self._name(order)))
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
        app, name = order.target.get("app"), self._name(order)
        # The board is read first: instances that are slower than it show up as "not yet", never as somebody else.
        text = board.read(app, name)
        instances = self._view.values(app, name)
        strangers = self._other_pools(order, name, instances)
        if strangers:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=strangers)
        return stand(wish, text, instances, self._clock.now(), stale_after_seconds=self._stale_after_seconds)

    def _name(self, order: Order) -> str:
        """What the board and the instances call the knob. One of several pools has its own name before it, unless it
        was the first to be declared; what we have written already stays where it is.
        """
        app, names = order.target.get("app"), order.target.names
        if len(names) == 1:
            return names[0]
        board = self._board(order)
        ours = (name for name in names if _is_of(order.change_id, board.read(app, name)))
        shown = (name for name in names if self._view.values(app, name))
        return next(ours, None) or next(shown, names[-1])

    def _other_pools(self, order: Order, name: str, instances: Sequence[InstanceValue]) -> str:
        """Why the knob of this name may not be moved for the order's pool: it moves another, too; "" when it does not.

        An agent that does not say gives the plain name to the pool that was given none.
        """
        pool = order.target.get("pool")
        if not pool or name != order.target.knob:
            return ""
        said = self._view.pools(order.target.get("app"), name)
        pools = {said.get(each.instance, UNNAMED_POOL) for each in instances}
        others = ", ".join(sorted(pools - {pool}))
        what = f"the knob {name} moves the pool {others} in some processes or all"
        return f"{what}: declare the pools in one order everywhere, with a present advisor-agents" if others else ""

    def _is_live_by_us(self, order: Order) -> bool:
        instances = self._view.values(order.target.get("app"), self._name(order))
        return any(each.change == order.change_id for each in instances)

    def _swap(self, order: Order, decide: Decision) -> None:
        """Read, decide, swap; again from the start when somebody wrote in between."""
        wish, board, app, name = _wish(order), self._board(order), order.target.get("app"), self._name(order)
        for _ in range(_SWAP_ATTEMPTS):
            text = board.read(app, name)
            _check_epoch(order, text)
            claim, entry = claim_of(wish, text, self._clock.now())
            wanted = decide(claim, entry)
            if wanted is None or wanted == entry:
                return
            if board.swap(app, name, seen=text, wanted=to_wire(wanted)):
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


def _entry(text: str | None) -> Entry | None:
    """None also where nobody can read it."""
    try:
        return from_wire(text) if text is not None else None
    except BadDataError:
        return None


def _is_of(change: str, text: str | None) -> bool:
    entry = _entry(text)
    return entry is not None and entry.change == change


def _check_epoch(order: Order, text: str | None) -> None:
    entry = _entry(text)
    if entry is not None and entry.epoch > order.epoch:
        what = f"term {entry.epoch} has written since; this process holds term {order.epoch}"
        raise StaleEpochError(what, where=str(order.target), fix="stop writing; the newer leader goes on")


def _not_ours(order: Order, detail: str) -> KnobError:
    return KnobError(f"somebody else set this knob: {detail}", where=str(order.target), fix="hands off; look who did")

"""Where an agents' knob stands, judged from the board and from what the instances show. Pure.

The board says what is wanted; only what every instance shows is live. All combinations, the first that fits:

    board                                          instances show          status
    ---------------------------------------------  ----------------------  --------------------------------------
    unreadable, or ours but edited by hand         anything                FOREIGN
    another change's, and not the old value        anything                FOREIGN
    another change's, still on trial               anything                FOREIGN
    any other                                      nothing, or stale       UNKNOWN
    any other                                      all a third value       FOREIGN
    nothing, or another change's old value         all old                 OLD
    nothing                                        all new, all by us      NEW (unnamed: our entry is gone)
    nothing                                        some new by us          PARTIAL
    nothing                                        otherwise               FOREIGN
    another change's old value                     otherwise               FOREIGN
    ours, in force                                 all new                 NEW
    ours, in force                                 all old                 PENDING
    ours, in force                                 a mixture               PARTIAL
    ours, expired                                  all old                 LAPSED
    ours, expired                                  all new                 PENDING (the switch fired, not yet shown)
    ours, expired                                  a mixture               PARTIAL
    ours, rolled back (its value is the old one)   all old                 OLD
    ours, rolled back                              all new                 PENDING
    ours, rolled back                              a mixture               PARTIAL

An instance shows the new value only in our name, or in none: the same number set by another change is not ours.
A third value on some instances only is taken for a process that has just started: a mixture, which time resolves.

With a cohort "all new" is: those in it show the new value, there are some, and the others show the old one. More than
that, the cohort's new value on others included, is a mixture. A share on the board that was never ordered is FOREIGN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol, assert_never

from advisor.knobs.agents.board import Entry, from_wire, same_value
from advisor.model.cohort import EVERYBODY, in_cohort
from advisor.model.errors import BadDataError
from advisor.model.knob import KnobState, KnobStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceValue:
    """What one process of an application shows of one knob.

    change: the id of the change it took the value from; "" when it does not say. age_seconds: of the sample.
    name: what its agent calls itself, "" when it does not say: then nobody can tell whether it is in a cohort.
    """

    instance: str
    value: float
    change: str
    age_seconds: float
    name: str = ""


class InstanceView(Protocol):
    """Reads what the agents export: advisor_agent_knob_value and advisor_agent_knob_change_info."""

    def values(self, app: str, knob: str) -> Sequence[InstanceValue]:
        """One for each process that shows the knob, empty when none does. Raises TransientError."""

    def pools(self, app: str, knob: str) -> Mapping[str, str]:
        """The pool that the knob of this name moves, by instance, as far as they say. Raises TransientError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An order to an agents' knob, with its numbers checked. cohorts: as in the order."""

    change: str
    old: float
    new: float
    cohorts: tuple[float, ...] = (EVERYBODY,)

    @property
    def cohort(self) -> float:
        return self.cohorts[-1]


class Claim(Enum):
    """Whose word the board holds."""

    NOBODY = auto()
    BEFORE = auto()
    """An earlier change's or a person's; agents hold the old value by it."""
    OURS = auto()
    EXPIRED = auto()
    ROLLED_BACK = auto()
    FOREIGN = auto()


def claim_of(wish: Wish, text: str | None, now: datetime) -> tuple[Claim, Entry | None]:
    """Whose entry this is, and the entry itself where it can be read."""
    if text is None:
        return Claim.NOBODY, None
    try:
        entry = from_wire(text)
    except BadDataError:
        return Claim.FOREIGN, None
    if entry.change != wish.change:
        on_trial = entry.expires_at is not None and not entry.has_expired(now)
        settled_on_old = not on_trial and same_value(entry.value_at(now), wish.old)
        return (Claim.BEFORE if settled_on_old else Claim.FOREIGN), entry
    if not same_value(entry.previous, wish.old):
        return Claim.FOREIGN, entry
    if same_value(entry.value, wish.old):
        return Claim.ROLLED_BACK, entry
    if not same_value(entry.value, wish.new) or entry.cohort not in wish.cohorts:
        return Claim.FOREIGN, entry
    return (Claim.EXPIRED if entry.has_expired(now) else Claim.OURS), entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How many of the processes show which value. new_by_name: of the new ones, those that name our change.

    is_as_ordered: the cohort shows the new value, and nobody else does.
    """

    old: int
    new: int
    new_by_name: int
    third: int
    is_as_ordered: bool

    @property
    def total(self) -> int:
        return self.old + self.new + self.third

    def __str__(self) -> str:
        other = f", {self.third} show another value" if self.third else ""
        return f"{self.new} of {self.total} processes show the new value, {self.old} the old one{other}"


def count(wish: Wish, instances: Sequence[InstanceValue]) -> Shown:
    old = sum(same_value(each.value, wish.old) for each in instances)
    new = [each for each in instances if same_value(each.value, wish.new) and each.change in ("", wish.change)]
    third = len(instances) - old - len(new)
    return Shown(
        old=old,
        new=len(new),
        new_by_name=sum(each.change == wish.change for each in new),
        third=third,
        is_as_ordered=bool(new) and not third and all(_belongs(wish, each, each in new) for each in instances),
    )


def _belongs(wish: Wish, each: InstanceValue, is_new: bool) -> bool:
    """Whether it shows what the order wants of it."""
    if wish.cohort >= EVERYBODY:
        return is_new
    return bool(each.name) and is_new == in_cohort(each.name, wish.cohort)


def stand(
    wish: Wish, text: str | None, instances: Sequence[InstanceValue], now: datetime, *, stale_after_seconds: float
) -> KnobStatus:
    """The status by the table above. `text` is the board's entry, None when there is none."""
    claim, entry = claim_of(wish, text, now)
    if claim is Claim.FOREIGN:
        what = f"change {entry.change!r}" if entry else "an entry that cannot be read"
        return KnobStatus(
            kind=KnobState.FOREIGN,
            live=entry.value if entry else None,
            detail=f"the board holds somebody else's word: {what}",
        )
    if not instances:
        return KnobStatus(kind=KnobState.UNKNOWN, detail="no instance shows this knob")
    silent = [each.instance for each in instances if each.age_seconds > stale_after_seconds]
    if silent:
        return KnobStatus(kind=KnobState.UNKNOWN, detail=f"not heard of lately: {', '.join(sorted(silent))}")
    shown = count(wish, instances)
    live = instances[0].value
    if shown.third == shown.total:
        return KnobStatus(kind=KnobState.FOREIGN, live=live, detail="every instance shows a value nobody ordered here")
    return _judge(claim, shown, live)


def _judge(claim: Claim, shown: Shown, live: float) -> KnobStatus:
    match claim:
        case Claim.NOBODY | Claim.BEFORE:
            return _unclaimed(claim, shown, live)
        case Claim.OURS:
            return _claimed(shown, live, all_new=KnobState.NEW, all_old=KnobState.PENDING)
        case Claim.EXPIRED:
            return _claimed(
                shown,
                live,
                all_new=KnobState.PENDING,
                all_old=KnobState.LAPSED,
                note="the value has expired: ",
            )
        case Claim.ROLLED_BACK:
            return _claimed(
                shown,
                live,
                all_new=KnobState.PENDING,
                all_old=KnobState.OLD,
                note="the old value is ordered: ",
            )
        case Claim.FOREIGN:
            return KnobStatus(kind=KnobState.FOREIGN, live=live, detail=str(shown))
        case _:
            assert_never(claim)


def _unclaimed(claim: Claim, shown: Shown, live: float) -> KnobStatus:
    if shown.old == shown.total:
        return KnobStatus(kind=KnobState.OLD, live=live, detail=str(shown))
    if claim is Claim.NOBODY and shown.new_by_name:
        detail = f"our entry is gone from the board; {shown}"
        if shown.is_as_ordered and shown.new_by_name == shown.new:
            return KnobStatus(kind=KnobState.NEW, live=live, detail=detail)
        return KnobStatus(kind=KnobState.PARTIAL, detail=detail)
    return KnobStatus(kind=KnobState.FOREIGN, live=live, detail=f"not by the board: {shown}")


def _claimed(shown: Shown, live: float, *, all_new: KnobState, all_old: KnobState, note: str = "") -> KnobStatus:
    detail = f"{note}{shown}"
    if shown.is_as_ordered:
        return KnobStatus(kind=all_new, live=live, detail=detail)
    if shown.old == shown.total:
        return KnobStatus(kind=all_old, live=live, detail=detail)
    return KnobStatus(kind=KnobState.PARTIAL, detail=detail)

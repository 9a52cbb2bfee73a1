"""What a commit says: what changes and why, what is expected, how to undo it, and whose it is."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from advisor.model.change import ChangeRecord
from advisor.model.knob import Order

CHANGE, EPOCH, ACTION = "Tuning-Advisor-Change", "Tuning-Advisor-Epoch", "Tuning-Advisor-Action"
_WIDTH = 72
_LONGEST = 2000


class Action(StrEnum):
    APPLY = "apply"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailers:
    """actions: more than one where a commit and its revert were squashed into one. epoch: 0 where it says none."""

    change: str
    actions: frozenset[Action]
    epoch: int


def message(order: Order, record: ChangeRecord | None, action: Action, revert_of: str = "") -> str:
    """record: the change as the journal has it; None leaves out what it alone knows."""
    what = "Tune" if action is Action.APPLY else "Take back the tuning of"
    subject = f"{what} {order.target.knob} of {_subject(order)}"[:_WIDTH]
    parts = [subject, "", *_paragraph(f"{order.old} -> {order.new}" if action is Action.APPLY else _undoing(order))]
    if action is Action.APPLY and record is not None:
        parts += _why(record)
    if revert_of:
        parts += ["", f"This reverts commit {revert_of}."]
    elif action is Action.APPLY:
        parts += ["", *_paragraph(f"To undo: advisor changes rollback {order.change_id}, or revert this commit.")]
    trailers = ((CHANGE, order.change_id), (EPOCH, order.epoch), (ACTION, action))
    return "\n".join([*parts, "", *(f"{key}: {value}" for key, value in trailers), ""])


def trailers_in(text: str) -> Trailers | None:
    """Also where a forge has joined messages, so that they are no longer at the end. None: no commit of ours."""
    found = {key: re.findall(rf"^{key}: (\S+)$", text, re.MULTILINE) for key in (CHANGE, EPOCH, ACTION)}
    if not found[CHANGE]:
        return None
    actions = frozenset(Action(one) for one in found[ACTION] if one in tuple(Action))
    epoch = max((int(one) for one in found[EPOCH] if one.isdecimal()), default=0)
    return Trailers(change=found[CHANGE][-1], actions=actions, epoch=epoch)


def _subject(order: Order) -> str:
    get = order.target.get
    return f"{get('kind')} {get('namespace')}/{get('name')}".strip()


def _undoing(order: Order) -> str:
    return f"{order.new} -> {order.old}"


def _why(record: ChangeRecord) -> Iterator[str]:
    proposal, expected = record.proposal, record.proposal.prediction
    yield from ("", *_paragraph(proposal.rationale))
    if proposal.evidence:
        yield from ("", "Evidence:")
        yield from _items(
            f"{one.signal} {one.value} {one.unit}".rstrip()
            + (f", threshold {one.threshold}" if one.threshold is not None else "")
            for one in proposal.evidence
        )
    yield from ("", "Prediction:")
    amounts = f"{expected.expected:g} {expected.unit} ({expected.low:g} to {expected.high:g})"
    yield from _items([f"{expected.signal}: {amounts}, by {expected.model}"])
    if proposal.doubts:
        yield from ("", "Doubts:")
        yield from _items(proposal.doubts)


def _items(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(_one_line(line), _WIDTH, initial_indent="- ", subsequent_indent="  ")


def _paragraph(text: str) -> Iterator[str]:
    """Indented where it could be taken for a trailer: it may hold the words of others."""
    for line in textwrap.wrap(_one_line(text), _WIDTH, break_on_hyphens=False):
        yield f"  {line}" if line.startswith("Tuning-Advisor-") else line


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]

"""One message for one change, from its proposal to its end, and one for what is only recommended."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from advisor.model.change import ChangeRecord, State
from advisor.model.proposal import Proposal
from advisor.model.signal import SignalKey
from advisor.surfaces.documents.report_words import headline, step
from advisor.surfaces.slack import parts
from advisor.surfaces.slack.actions import METADATA_EVENT
from advisor.surfaces.slack.blocks import Block, Message, Part, fitted, header, section
from advisor.surfaces.slack.buttons import decide, snooze_rule
from advisor.surfaces.slack.words import code, moment, notification, words
from advisor.surfaces.views.report import proposal_view

_WHY_CHARACTERS = 600


def change_message(
    record: ChangeRecord, live: Mapping[SignalKey, Sequence[float]] | None = None, before: str = ""
) -> Message:
    """The message as it should stand now.

    live: the values of a change on trial, as the cycles saw them. before: the goal until now, as a sparkline.
    """
    proposal = record.proposal
    said = f"{_word(record)}: {title(proposal)}"
    blocks, dropped = fitted(
        (
            Part(blocks=(header(said), section(standing(record)))),
            *_body(record, live or {}, before),
            decide(record),
            parts.footer(
                f"change {code(record.id)}", f"plan {code(record.plan_hash)}", f"environment {code(record.environment)}"
            ),
        )
    )
    detail = (*dropped, *parts.whole_commands(proposal), *parts.more_evidence(proposal))
    return Message(
        text=notification(f"{said}. {record.why}"), blocks=blocks, detail=detail, metadata=change_metadata(record)
    )


def plain_message(record: ChangeRecord) -> Message:
    """Where Slack refuses the whole one: one line, the command that shows the rest, and the buttons."""
    said = f"{_word(record)}: {title(record.proposal)}"
    line = f"{words(said, 300)}\nThe whole of it: {code(f'advisor changes show {record.id}')}"
    blocks: tuple[Block, ...] = (section(line), *decide(record).blocks)
    return Message(text=notification(said), blocks=blocks, metadata=change_metadata(record))


def elsewhere(record: ChangeRecord) -> Message:
    """For a second copy: without buttons."""
    line = f"{title(record.proposal)}: this went on in another message ({record.id})"
    return Message(text=notification(line), blocks=(section(words(line, 600)),), metadata=change_metadata(record))


def change_metadata(record: ChangeRecord) -> Mapping[str, object]:
    return {"event_type": METADATA_EVENT, "event_payload": {"change": record.id, "plan": record.plan_hash}}


def recommendation(proposal: Proposal, reason: str, mode: str) -> Message:
    """What a person could do now. The advisor would not do it, so only its rule can be snoozed."""
    said = f"Recommended: {title(proposal)}"
    why = f"Nothing is changed in mode {mode}" if proposal.automatic else "Advice for a person: no knob reaches it"
    blocks, dropped = fitted(
        (
            Part(blocks=(header(said), section(f"{words(why)}; chosen as: {words(reason, _WHY_CHARACTERS)}"))),
            parts.found(proposal),
            parts.evidence(proposal),
            parts.effect(proposal),
            parts.risk(proposal),
            *parts.commands(proposal),
            snooze_rule(proposal),
            parts.footer(f"proposal {code(proposal.id)}"),
        )
    )
    detail = (*dropped, *parts.whole_commands(proposal), *parts.more_evidence(proposal))
    text = notification(f"{said}. {reason}")
    return Message(text=text, blocks=blocks, detail=detail, metadata=_recommendation_metadata(proposal))


def plain_recommendation(proposal: Proposal) -> Message:
    """Where Slack refuses the whole one."""
    line = f"Recommended: {title(proposal)}. The whole of it: advisor report"
    blocks: tuple[Block, ...] = (section(words(line, 600)), *snooze_rule(proposal).blocks)
    return Message(text=notification(line), blocks=blocks, metadata=_recommendation_metadata(proposal))


def _recommendation_metadata(proposal: Proposal) -> Mapping[str, object]:
    return {"event_type": "advisor_recommendation", "event_payload": {"proposal": proposal.id}}


def title(proposal: Proposal) -> str:
    """What is changed, and how far: "db.pool_size (app shop) 5 connections -> 12 connections"."""
    view = proposal_view(proposal)
    name = headline(view)
    is_step = view.unit != "index" and name == view.headline
    return f"{name} {step(view)}" if is_step else name


def standing(record: ChangeRecord) -> str:
    """Where it stands, in a line or two of mrkdwn."""
    why = words(record.why, _WHY_CHARACTERS)
    if record.is_held:
        return f"*Waits for your word*: keep the new value or put the old one back. {why}"
    match record.state:
        case State.PROPOSED:
            return f"*Waits for approval* until {moment(record.expires_at)}{_first_of_two(record)}"
        case State.APPROVED:
            who = f" by {words(record.approved_by, 200)}" if record.approved_by else ""
            waits = why if record.baseline_wait is not None or not who else "It begins in the next cycle"
            return f"*Approved*{who}. {waits}"
        case State.APPLYING:
            return f"*Being applied*. {_asked(record) or why}"
        case State.TRIAL:
            since = f" since {moment(record.trial_since)}" if record.trial_since is not None else ""
            stage = f" {words(str(record.stage), 300)}." if record.stage is not None else ""
            return f"*On trial*{since}.{stage} {_asked(record) or why}"
        case State.SWITCHED_BACK:
            return f"*On trial, with the old value for a while*. {_asked(record) or why}"
        case State.ROLLING_BACK | State.STUCK | State.KEPT | State.ROLLED_BACK | State.FAILED:
            return f"*{_word(record)}*. {why}"
        case State.EXPIRED | State.REJECTED | State.SUPERSEDED:
            return f"*{_word(record)}*. {why}"
        case _:
            assert_never(record.state)


def _word(record: ChangeRecord) -> str:
    if record.is_held:
        return "Your word is needed"
    return {
        State.PROPOSED: "Proposed",
        State.APPROVED: "Approved",
        State.APPLYING: "Applying",
        State.TRIAL: "On trial",
        State.SWITCHED_BACK: "On trial",
        State.ROLLING_BACK: "Rolling back",
        State.STUCK: "Stuck, a person must look",
        State.KEPT: "Kept",
        State.ROLLED_BACK: "Rolled back",
        State.FAILED: "Failed",
        State.EXPIRED: "Expired",
        State.REJECTED: "Rejected",
        State.SUPERSEDED: "Overwritten by somebody else",
    }[record.state]


def _body(record: ChangeRecord, live: Mapping[SignalKey, Sequence[float]], before: str) -> tuple[Part, ...]:
    """What matters now: the case for it before it is decided, the numbers once it runs, the outcome in the end."""
    proposal = record.proposal
    case = (parts.found(proposal), parts.evidence(proposal), parts.effect(proposal))
    if record.state in (State.PROPOSED, State.APPROVED):
        return (*case, parts.before(before), parts.risk(proposal), *parts.commands(proposal))
    if record.state in (State.APPLYING, State.TRIAL, State.SWITCHED_BACK) and not record.is_held:
        return (parts.so_far(record, live), *case, *parts.commands(proposal))
    return (*parts.outcome(record), parts.found(proposal), *parts.commands(proposal))


def _first_of_two(record: ChangeRecord) -> str:
    valid = [one.who for one in record.approvals if one.plan == record.plan_hash]
    if not valid:
        return ""
    return f". Approved by {words(valid[0], 200)}; a second person must approve it too"


def _asked(record: ChangeRecord) -> str:
    return f"To be {words(record.roll_back_asked, _WHY_CHARACTERS)}" if record.roll_back_asked else ""

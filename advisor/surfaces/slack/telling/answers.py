"""What the advisor says to alerts of others. Their labels and texts are an attacker's."""

import hashlib
from typing import assert_never

from advisor.model.alert import AlertAnswer, AnswerOutcome
from advisor.surfaces.slack import parts
from advisor.surfaces.slack.blocks import Message, Part, fitted, listed, section
from advisor.surfaces.slack.messages import title
from advisor.surfaces.slack.words import code, moment, notification, words

_MOST = 5
_WHY_CHARACTERS = 1500


def answer_message(answer: AlertAnswer) -> Message:
    """Also when the answer is that no knob will help, and why."""
    said = f"{answer.title}: {_word(answer)}"
    found = [f"• {code(one.rule)} {words(one.summary, 300)}" for one in answer.findings[:_MOST]]
    offers = [f"• {words(title(one), 200)} → {parts.forecast(one.prediction)}" for one in answer.proposals[:_MOST]]
    notes = [f"• {words(note, 300)}" for note in answer.notes[:_MOST]]
    blocks, _ = fitted(
        (
            Part(blocks=(section(f"*Alert* {words(answer.title, 600)}\n*{_word(answer)}*{_looked_at(answer)}"),)),
            *_list("Found", found, 2),
            *_list("Proposed", offers, 1),
            *((Part(blocks=(section(f"*Why* {words(answer.why, _WHY_CHARACTERS)}"),)),) if answer.why else ()),
            *_list("Noted", notes, 3),
            parts.footer(moment(answer.at), f"alerts: {answer.count}"),
        )
    )
    return Message(text=notification(f"{said}. {answer.why}"), blocks=blocks)


def answer_name(answer: AlertAnswer) -> str:
    """The same answer, which may come twice after a crash, has the same name."""
    seed = "\0".join([answer.outcome.value, answer.application, *(alert.key for alert in answer.alerts)])
    return "alert-" + hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:24]


def is_told(answer: AlertAnswer) -> bool:
    """An end that belongs to no change, and alerts of the advisor's own making, are nothing to be told here."""
    if answer.outcome is AnswerOutcome.RESOLVED:
        return bool(answer.change_id)
    return answer.outcome is not AnswerOutcome.OWN


def _word(answer: AlertAnswer) -> str:
    match answer.outcome:
        case AnswerOutcome.PROPOSED:
            return "something would help"
        case AnswerOutcome.NO_KNOB:
            return "no knob will help"
        case AnswerOutcome.NO_DATA:
            return "it could not be judged for want of data"
        case AnswerOutcome.UNKNOWN_APPLICATION:
            return "the application is not known here"
        case AnswerOutcome.OWN:
            return "it is about the advisor itself"
        case AnswerOutcome.RESOLVED:
            return "it has ended"
        case AnswerOutcome.FAILED:
            return "the look failed"
        case _:
            assert_never(answer.outcome)


def _looked_at(answer: AlertAnswer) -> str:
    return f", looked at {words(answer.application, 100)}" if answer.application else ""


def _list(heading: str, lines: list[str], rank: int) -> tuple[Part, ...]:
    return (Part(blocks=listed([f"*{heading}*", *lines]), rank=rank),) if lines else ()

"""A notice: what happened, as text for people and as data for programs. The same views as everywhere."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.alert import AlertAnswer
from advisor.model.change import ChangeRecord
from advisor.model.proposal import Proposal
from advisor.surfaces.documents.report_words import headline, step
from advisor.surfaces.views.change import change_view
from advisor.surfaces.views.plain_data import plain_mapping
from advisor.surfaces.views.report import proposal_view

_MOST_FACTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """id: the same for the same event, so that a second delivery can be told. event: "change", "recommendation" or
    "alert_answer". facts: label and text, for people. data: of a program, JSON's types only.
    """

    id: str
    event: str
    at: datetime
    title: str
    facts: tuple[tuple[str, str], ...]
    data: Mapping[str, object]

    def document(self) -> dict[str, object]:
        """As it is sent."""
        return plain_mapping(NoticeView(id=self.id, event=self.event, at=self.at, title=self.title, data=self.data))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """As programs read it. data: by the event a change, a proposal or an answer to alerts, in the shape of its own."""

    schema: str = field(default="advisor/notice/v1", init=False)
    id: str
    event: str
    at: datetime
    title: str
    data: Mapping[str, object]


def of_change(record: ChangeRecord, phase_number: int) -> Notice:
    """One phase of a change. data: the change as it is now, without its samples."""
    phase = record.phases[phase_number]
    return Notice(
        id=f"{record.id}-{phase_number + 1}",
        event="change",
        at=phase.at,
        title=f"{phase.state.value.replace('_', ' ')}: {_name(record.proposal)}",
        facts=(
            ("Why", phase.reason),
            ("Found by", record.proposal.rule),
            ("Risk", record.proposal.risk.value),
            ("Approved by", record.approved_by or "nobody"),
            ("Change", record.id),
        ),
        data=plain_mapping(change_view(record.without_samples())),
    )


def of_recommendation(proposal: Proposal, reason: str, at: datetime) -> Notice:
    return Notice(
        id=proposal.id,
        event="recommendation",
        at=at,
        title=f"recommended: {_name(proposal)}",
        facts=(
            ("Why", proposal.rationale),
            ("Chosen as", reason),
            ("Risk", proposal.risk.value),
            ("Apply", proposal.apply),
            ("Undo", proposal.undo),
        ),
        data=plain_mapping(proposal_view(proposal)),
    )


def of_answer(answer: AlertAnswer) -> Notice:
    keys = "\0".join([answer.outcome.value, answer.application, *(alert.key for alert in answer.alerts)])
    offers = tuple(("Proposed", _name(proposal)) for proposal in answer.proposals)
    found = tuple(("Found", finding.summary) for finding in answer.findings)
    return Notice(
        id="alert-" + hashlib.sha256(keys.encode("utf-8", "replace")).hexdigest()[:24],
        event="alert_answer",
        at=answer.at,
        title=f"alert {answer.title}: {answer.outcome.value.replace('_', ' ')}",
        facts=(*((("Why", answer.why),) if answer.why else ()), *found, *offers)[:_MOST_FACTS],
        data={
            "outcome": answer.outcome.value,
            "alerts": [alert.title for alert in answer.alerts],
            "count": answer.count,
            "application": answer.application,
            "why": answer.why,
            "change": answer.change_id,
            "findings": [finding.id for finding in answer.findings],
            "proposals": [plain_mapping(proposal_view(proposal)) for proposal in answer.proposals],
        },
    )


def _name(proposal: Proposal) -> str:
    view = proposal_view(proposal)
    name = headline(view)
    return f"{name} {step(view)}" if view.unit != "index" and name == view.headline else name

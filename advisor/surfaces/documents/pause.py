"""Whether the kill switch is on, for people."""

from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.pause import LeftChanged, PauseView
from advisor.surfaces.views.plain_data import plain_mapping, rfc3339


def pause_document(view: PauseView) -> Document:
    facts = _facts(view)
    return Document(
        title="Paused: nothing is changed" if view.paused else "Not paused",
        data=plain_mapping(view),
        sections=(Section(heading="Pause", facts=facts),),
        rows=Table(columns=("Field", "Value"), rows=tuple((fact.label, fact.text) for fact in facts)),
    )


def _facts(view: PauseView) -> tuple[Fact, ...]:
    if view.since is None:
        return (Fact(label="Pause", text="none"),)
    rollback = "held back too, as --freeze asks" if view.freeze else "one that is owed still happens"
    return (
        Fact(label="Since", text=rfc3339(view.since)),
        Fact(label="Reason", text=view.reason),
        Fact(label="Roll-backs", text=rollback),
        Fact(label="Left changed", text=_left_changed_text(view.left_changed)),
    )


def _left_changed_text(left: LeftChanged | None) -> str:
    if left is None:
        return "nothing"
    old, new = quantity(left.old, left.unit), quantity(left.new, left.unit)
    return f"{left.target} may stand at {new}, was {old} (change {left.change}, {left.state.value})"

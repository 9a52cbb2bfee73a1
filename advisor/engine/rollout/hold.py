"""A trial that a person decides, because going back costs more than staying. Pure."""

from dataclasses import replace

from advisor.model.change import ChangeRecord
from advisor.model.verdict import Outcome


def settled_by(record: ChangeRecord, who: str, *, keep: bool) -> ChangeRecord:
    """A held change with the person's word as its verdict; the next cycle carries it out."""
    if record.verdict is None:
        raise ValueError(f"change {record.id} is not held")
    word = "kept" if keep else "rolled back"
    verdict = replace(
        record.verdict,
        outcome=Outcome.KEEP if keep else Outcome.ROLL_BACK,
        explanation=f"{word} on the word of {who}; {record.verdict.explanation}",
    )
    return replace(record, verdict=verdict, approved_by=who if keep else record.approved_by)

"""Who is told of what the walk does."""

from typing import Protocol

from advisor.model.change import ChangeRecord
from advisor.model.report import Diagnosis


class Meter(Protocol):
    """Counts what the walk does, for the advisor's own metrics."""

    def stage_ended(self, stage: str, seconds: float) -> None:
        """One stage of one cycle took so long."""

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """A cycle's sources, rules and findings."""

    def change_moved(self, record: ChangeRecord) -> None:
        """A change took a step of its life."""

    def cycle_ended(self, outcome: str) -> None:
        """A cycle came to its end: "ok" or "failed"."""

"""Who is told of what the walk does."""

from typing import Protocol

from advisor.model.alert import AlertAnswer
from advisor.model.change import ChangeRecord
from advisor.model.report import Diagnosis


class Meter(Protocol):
    """Counts what the walk does, for the advisor's own metrics."""

    def stage_ended(self, stage: str, seconds: float) -> None:
        """One stage of one cycle took so long."""

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """A cycle's sources, rules and findings."""

    def cycle_ended(self, outcome: str) -> None:
        """A cycle came to its end: "ok" or "failed"."""


class ChangeListener(Protocol):
    """Is told of the life of every change, after the journal has it. The last of its phases says when and why.

    What a listener raises is logged, and neither stops the walk nor keeps the other listeners from being told. It is
    called from the walk's own thread: what takes long belongs in a queue.
    """

    def change_moved(self, record: ChangeRecord) -> None:
        """It has come to `record.state`."""

    def change_noted(self, record: ChangeRecord) -> None:
        """It is where it was, and there is something worth knowing."""


class DiagnosisListener(Protocol):
    """Is told what every cycle came to, whether it leads or follows; the same holds as for a ChangeListener."""

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """A cycle looked, and chose or chose not."""


class AlertListener(Protocol):
    """Is told what the advisor says to alerts of others; the same holds as for a ChangeListener.

    It is called from the thread that looks, and after a crash the same answer may come twice.
    """

    def answered(self, answer: AlertAnswer) -> None:
        """A targeted look has ended, or none was begun and the answer says why."""

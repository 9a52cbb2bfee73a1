"""What the routes ask of the rest of the advisor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from advisor.model.change import ChangeRecord
from advisor.ports.clock import Clock
from advisor.ports.journal import Archive, KillSwitch, Pages
from advisor.surfaces.views.report import ReportView
from advisor.surfaces.views.rule import RuleBookView


class Decisions(Protocol):
    """A person's word on a change; `who` as the journal names them.

    Every method raises JournalError, ConflictError when somebody else was quicker, IllegalTransitionError when the
    change does not wait for this word; `approve` raises PlanChangedError as well.
    """

    def approve(self, change_id: str, who: str, *, plan: str | None = None) -> ChangeRecord: ...

    def reject(self, change_id: str, who: str, reason: str = "") -> ChangeRecord: ...

    def roll_back(self, change_id: str, who: str, reason: str = "") -> ChangeRecord: ...


class Records(Archive, Pages, KillSwitch, Protocol):
    """The journal as it is shown. Asked from several threads at once."""

    def open_change(self, environment: str) -> ChangeRecord | None:
        """The one change that is open, if any. Raises JournalError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """May be asked from any thread. report: of the last cycle, None before the first. decisions: by today's policy."""

    environment: str
    report: Callable[[], ReportView | None]
    rules: Callable[[], RuleBookView]
    records: Records
    decisions: Callable[[], Decisions]
    clock: Clock

"""How the demo ended, from the journal and, independently of it, from the load generator. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from advisor.model.change import ChangeRecord, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One route as a caller saw it over a window. Latencies count from the intended time of sending."""

    requests: int
    error_ratio: float
    mean_seconds: float
    p95_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioOutcome:
    """One bottleneck: whether it was found, what became of the change, and the callers' view before and after."""

    name: str
    found: bool
    change: str
    """The target, the old and the new value in full."""
    step: str
    """The same in a few words."""
    outcome: str
    reason: str
    metric: str
    before: Seen | None
    after: Seen | None
    expected: State

    @property
    def ended_as_it_should(self) -> bool:
        """A good change is kept and callers are served faster; a bad one is rolled back."""
        if self.outcome != self.expected.value:
            return False
        if self.expected is not State.KEPT:
            return True
        if self.before is None or self.after is None:
            return False
        return self.after.mean_seconds < self.before.mean_seconds

    def view(self) -> "ScenarioView":
        return ScenarioView(
            name=self.name,
            found=self.found,
            change=self.change,
            outcome=self.outcome,
            reason=self.reason,
            metric=self.metric,
            unit="s",
            before=self.before.mean_seconds if self.before else None,
            after=self.after.mean_seconds if self.after else None,
            outside=Outside(before=self.before, after=self.after),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOutcome:
    """All scenarios, and the seconds from the start of the servers to the end."""

    scenarios: tuple[ScenarioOutcome, ...]
    seconds: float

    @property
    def ended_as_it_should(self) -> bool:
        return bool(self.scenarios) and all(scenario.ended_as_it_should for scenario in self.scenarios)

    def view(self) -> "DemoView":
        return DemoView(scenarios=tuple(one.view() for one in self.scenarios), seconds=round(self.seconds, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the load generator saw."""

    before: Seen | None
    after: Seen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """One scenario as programs read it. before, after: the callers' mean, in `unit`."""

    name: str
    found: bool
    change: str
    outcome: str
    reason: str
    metric: str
    unit: str
    before: float | None
    after: float | None
    outside: Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoView:
    """The demo as programs read it."""

    schema: str = field(default="advisor/demo/v1", init=False)
    scenarios: tuple[ScenarioView, ...]
    seconds: float


def change_for(rule: str, history: Sequence[ChangeRecord]) -> ChangeRecord | None:
    """The change that decided a scenario: the kept one of its rule, else its latest."""
    of_rule = [record for record in history if record.proposal.rule == rule]
    kept = [record for record in of_rule if record.state is State.KEPT]
    return next(iter(kept or of_rule), None)

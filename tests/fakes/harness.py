"""The acting half of the advisor on doubles: a rollout, and everything on it within a test's reach."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from advisor.engine.cycle import advance
from advisor.engine.rollout.apply import open_change
from advisor.engine.rollout.context import RolloutContext
from advisor.model.change import ChangeRecord, State
from advisor.model.report import Choice
from advisor.settings.policy import Mode, PolicySettings
from advisor.settings.trial import TrialSettings
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.knob import FakeKnob
from advisor.testing.meter import FakeListener, FakeMeter
from advisor.testing.samples import FakeSamples
from advisor.testing.words import ERRORS, LATENCY, LOAD, WAIT, a_proposal

CYCLE_SECONDS = 15.0
TRIAL = TrialSettings.model_validate(
    {
        "warm_up_seconds": "120s",
        "baseline_seconds": "900s",
        "history_seconds": "2h",
        "earlier_days": (),
        "trial_seconds": "900s",
        "longest_seconds": "3600s",
        "no_gain_seconds": "0s",
        "hold_seconds": "60s",
        "apply_seconds": "60s",
        "restore_attempts": 5,
    }
)
"""Whole, so that the arithmetic in a test stands on its own whatever the defaults are."""


@dataclass(slots=True)
class RolloutHarness:
    """The shop's pool of 5 connections, its metrics, a journal, and a rollout in the name of its first term.

    Callers wait 0.5 s / size, with noise of 10% that differs from point to point.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    samples: FakeSamples = field(default_factory=FakeSamples)
    meter: FakeMeter = field(default_factory=FakeMeter)
    listener: FakeListener = field(default_factory=FakeListener)
    trial: TrialSettings = TRIAL
    instances: int = 1
    knob: FakeKnob = field(init=False)
    rollout: RolloutContext = field(init=False)

    def __post_init__(self) -> None:
        self.knob = FakeKnob(5, instances=self.instances, now=self.clock.now)
        self.samples.functions = {
            WAIT: lambda at: noisy(at, 0.5 / self.size()),
            ERRORS: lambda at: noisy(at, 0.01),
            LATENCY: lambda at: noisy(at, 0.2),
            LOAD: lambda at: noisy(at, 50.0),
        }
        self.rollout = self.take_term("a:1")

    def size(self) -> float:
        live = self.knob.live[0]
        return float(live) if isinstance(live, int | float) else 1.0

    def take_term(self, holder: str) -> RolloutContext:
        """A rollout in the name of a new term."""
        return RolloutContext(
            journal=self.journal,
            epochs=self.journal,
            kill_switch=self.journal,
            knob=self.knob,
            samples=self.samples,
            clock=self.clock,
            meter=self.meter,
            listeners=(self.listener,),
            mode=Mode.APPLY,
            policy=PolicySettings(),
            trial=self.trial,
            epoch=self.journal.take(holder),
        )

    def choose(self, **changes: Any) -> ChangeRecord:
        """The pool's change from 5 to 12, chosen and approved by policy."""
        record = open_change(Choice(proposal=a_proposal(**changes), reason="saves most"), self.rollout)
        assert record is not None
        return record

    def brought_to(self, state: State, **changes: Any) -> ChangeRecord:
        """A change that has come to `state` by itself, cycle by cycle."""
        record = self.choose(**changes)
        for _ in range(500):
            if record.state is state:
                return record
            record = self.cycle()
        raise AssertionError(f"never {state}: {record.phases}")

    def cycle(self, seconds: float = CYCLE_SECONDS) -> ChangeRecord:
        """Let `seconds` pass and walk once; the latest change."""
        self.clock.advance(seconds)
        advance(self.rollout)
        return self.latest()

    def until_closed(self, most: int = 500) -> ChangeRecord:
        """Walk on until the open change has ended, or `most` cycles have passed."""
        for _ in range(most):
            if not self.latest().is_open:
                break
            self.cycle()
        return self.latest()

    def latest(self) -> ChangeRecord:
        """The whole record."""
        record = self.journal.find(self.journal.history("default")[0].id)
        assert record is not None
        return record

    def with_settings(self, **trial: Any) -> None:
        """From now on with other settings of the trial."""
        self.trial = self.trial.model_copy(update=trial)
        self.rollout = replace(self.rollout, trial=self.trial)


@lru_cache(maxsize=2**16)  # every cycle reads the window before it again
def noisy(at: datetime, value: float) -> float:
    """The same for the same moment."""
    return value * random.Random(f"{at.timestamp():.3f}/{value}").uniform(0.9, 1.1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)

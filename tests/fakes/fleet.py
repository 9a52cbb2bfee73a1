"""An harness whose shop runs in several processes, each of which is measured by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from advisor.model.signal import SignalKey
from advisor.settings.canary import CanarySettings
from advisor.testing.samples import FakeSamples
from advisor.testing.words import ERRORS, LATENCY, LOAD, WAIT
from tests.fakes.harness import TRIAL, RolloutHarness, noisy


class Fleet(RolloutHarness):
    """Six instances of the shop, each of which makes its callers wait 0.5 s / its own size, whatever the hour."""

    def __init__(self, shares: tuple[float, ...] = (0.34,), *, required: bool = False) -> None:
        super().__init__(
            instances=6,
            samples=FakeSamples(step_seconds=30),
            trial=TRIAL.model_copy(update={"canary": CanarySettings(shares=shares, required=required)}),
        )
        self.rollout = replace(self.rollout, fleet=self.knob)
        self.wait: Callable[[int, datetime], float] = lambda number, at: 0.5 / self.value(number)
        self.latency: Callable[[int, datetime], float] = lambda number, at: 0.2
        self.errors: Callable[[int, datetime], float] = lambda number, at: 0.01
        self.samples.by_instance = self._function

    def with_policy(self, **changes: Any) -> None:
        """From now on with another policy."""
        self.rollout = replace(self.rollout, policy=self.rollout.policy.model_copy(update=changes))

    def value(self, number: int) -> float:
        return float(self.knob.live[number])  # type: ignore[arg-type]

    def taken(self) -> int:
        return self.knob.live.count(12)

    def _function(self, key: SignalKey, scraped: str) -> Callable[[datetime], float] | None:
        name = scraped.removesuffix(":80")
        if name not in self.knob.names:
            return None  # it is gone
        number = self.knob.names.index(name)
        means: dict[SignalKey, Callable[[datetime], float]] = {
            WAIT: lambda at: self.wait(number, at),
            ERRORS: lambda at: self.errors(number, at),
            LATENCY: lambda at: self.latency(number, at),
            LOAD: lambda at: 10.0,
        }
        return lambda at: noisy(at, means[key](at) * (1 + number / 1000))  # another noise in each

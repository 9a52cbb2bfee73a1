"""The judge put before a recording."""

from collections.abc import Callable
from datetime import datetime

from advisor.clock import SystemClock
from advisor.engine.judge.plan.trial_plan import plan_for
from advisor.engine.replay.trial_check import Check, check_trials
from advisor.model.errors import ConfigurationError
from advisor.model.proposal import Better, Goal
from advisor.model.signal import SignalKey
from advisor.model.trial_check import TrialCheck
from advisor.settings.schema import Settings
from advisor.settings.trial import TrialSettings
from advisor.sources.prometheus.source import PrometheusSamples
from advisor.wiring.sources import connect


def goals_of(settings: Settings, signal: str, minimum_gain_ratio: float) -> tuple[Goal, ...]:
    """`signal` of every application, as "pool.wait_mean_seconds{pool=main}" of one pool of several.

    Raises ConfigurationError when no application is configured.
    """
    name, _, pool = signal.removesuffix("}").partition("{pool=")
    of = (("pool", pool),) if pool else ()
    if not settings.applications:
        raise ConfigurationError("there is no application to check", where="applications", fix="name one there")
    return tuple(
        Goal(
            signal=SignalKey(name=name, labels=(("app", app.name), *of)),
            better=Better.LOWER,
            minimum_gain_ratio=minimum_gain_ratio,
        )
        for app in settings.applications
    )


def check_of(goal: Goal, trial: TrialSettings, start: datetime, end: datetime, trials: int) -> Check:
    """With the windows and the guardrails that a trial of an agents' knob would have."""
    plan = plan_for(goal.signal.label("app"), trial, goal.signal.label("pool"))
    return Check(goal=goal, plan=plan, settings=trial, start=start, end=end, trials=trials)


def run_trial_check(settings: Settings, check: Check, tick: Callable[[], None] | None = None) -> TrialCheck:
    """Writes nothing. Raises ConfigurationError, SourceUnavailableError."""
    with connect(settings, SystemClock()) as sources:
        if sources.prometheus is None:
            raise ConfigurationError("nothing was recorded", where="prometheus.url", fix="set it, or give -p URL")
        reader = PrometheusSamples(sources.prometheus, settings.prometheus)
        signal = check.goal.signal.name
        if not reader.serves(signal):
            fix = "see config/signals.yaml"
            raise ConfigurationError(f"no preset knows the signal {signal!r}", where="--signal", fix=fix)
        return check_trials(check, reader, tick)

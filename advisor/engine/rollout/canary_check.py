"""Whether the next change of an application could begin as a canary, for the doctor."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from advisor.engine.judge.plan.trial_plan import guardrails
from advisor.engine.rollout.canary_sides import first_split
from advisor.model.check import CheckLine, failed, ok, warning
from advisor.model.cohort import Instance
from advisor.model.errors import TransientError
from advisor.ports.observing import SampleReader
from advisor.settings.trial import TrialSettings

_FIX_SERIES = "scrape the application itself and keep the label `instance`, or set trial.canary.shares: []"
_FIX_INSTANCES = "run one instance more, update its advisor-agents, or set trial.canary.shares: []"


def check_canary(
    app: str, instances: Sequence[Instance], samples: SampleReader, trial: TrialSettings, now: datetime
) -> CheckLine:
    """One line: who would take a value first, or what is missing for it."""
    name = f"canary:{app}"
    otherwise = "no change is begun" if trial.canary.required else "all take a new value at once"
    split = first_split(instances, trial.canary)
    if isinstance(split, str):
        return warning(name, f"{split}: {otherwise}", _FIX_INSTANCES)
    signals = [rail.signal for rail in guardrails(app, trial)]
    start = now - timedelta(seconds=trial.baseline_seconds)
    for side in (split.taking, split.keeping):
        try:
            found = samples.series(signals, start, now, side)
        except TransientError as error:
            return failed(name, str(error), error.fix)
        unseen = [str(signal) for signal in signals if signal not in found or not found[signal].samples]
        if unseen:
            return warning(name, f"{unseen[0]} cannot be read of {', '.join(side)} alone: {otherwise}", _FIX_SERIES)
    return ok(name, f"first {', '.join(split.taking)}, beside {', '.join(split.keeping)}")

"""Which instances take a value in which stage, and what the last stage must show. Pure.

A share is made to fit the instances that are there: the hashes of a few names never lie evenly, so a third of three is
one of them, and not whatever lies below 0.33. Those that took the value keep it, as a larger share only adds some.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from advisor.engine.judge.trial import Trial
from advisor.model.change import Stage
from advisor.model.cohort import Instance, in_cohort, place
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.settings.canary import CanarySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Who takes the value at `cohort`, and who keeps the old one, by the label `instance`."""

    cohort: float
    taking: tuple[str, ...]
    keeping: tuple[str, ...]


def first_split(instances: Sequence[Instance], settings: CanarySettings) -> Split | str:
    """The first stage; or why these instances carry no canary."""
    if not settings.shares:
        return "trial.canary.shares is empty"
    if not instances:
        return "no instance is known that shows this knob"
    if any(not each.name for each in instances):
        return "not every instance tells its name; its agent is too old for a canary"
    side, seen = settings.smallest_side, len({each.scraped for each in instances})
    few = f"{seen} {'instance' if seen == 1 else 'instances'} cannot be split into {side} and {side}"
    return next_split(instances, 0.0, settings) or few


def next_split(
    instances: Sequence[Instance], former: float, settings: CanarySettings, *, stages_before: int = 0
) -> Split | None:
    """The next stage with a control beside it, after the share `former` (0 at the start); None when there is none.

    A service whose workers fall on both sides counts on neither. Each share is one stage at most, however the
    instances come and go.
    """
    for share in settings.shares[stages_before:]:
        cohort = _fitted(instances, share)
        if cohort is None or cohort <= former:
            continue
        split = split_at(instances, former, cohort)
        if min(len(split.taking), len(split.keeping)) >= settings.smallest_side:
            return split
    return None


def split_at(instances: Sequence[Instance], former: float, cohort: float) -> Split:
    """Who comes to the value between two shares, and who stays without."""
    services = _names_by_service(instances)
    joins = {
        service: [in_cohort(name, cohort) and not in_cohort(name, former) for name in names]
        for service, names in services.items()
    }
    stays = {service: [not in_cohort(name, cohort) for name in names] for service, names in services.items()}
    return Split(
        cohort=cohort,
        taking=tuple(sorted(service for service, each in joins.items() if all(each))),
        keeping=tuple(sorted(service for service, each in stays.items() if all(each))),
    )


def broken(stage: Stage, instances: Sequence[Instance]) -> str:
    """Why the two sides are no longer there to be compared, "" while they are.

    A process that was replaced has another name, and may belong to the other side by it: what it shows under the old
    label `instance` is then no evidence for either. One that is gone is not missed while its side is not empty.
    """
    services, cohort = _names_by_service(instances), stage.cohorts[-1]
    for side, what, takes in ((stage.taking, "take the value", True), (stage.keeping, "keep the old one", False)):
        left = [service for service in side if service in services]
        if not left:
            return f"none of the instances that {what} is left: {', '.join(side)}"
        strayed = [service for service in left if any(in_cohort(name, cohort) != takes for name in services[service])]
        if strayed:
            return f"replaced by a process of the other side: {', '.join(strayed)}"
    return ""


def _names_by_service(instances: Sequence[Instance]) -> dict[str, list[str]]:
    services: dict[str, list[str]] = {}
    for each in instances:
        services.setdefault(each.scraped, []).append(each.name)
    return services


def _fitted(instances: Sequence[Instance], share: float) -> float | None:
    """The share at which as many of these instances take the value as `share` means, at least 1 and never all."""
    places = sorted({place(each.name) for each in instances})
    if len(places) < 2:
        return None
    count = min(max(round(share * len(places)), 1), len(places) - 1)
    below, above = list(pairwise(places))[count - 1]
    return (below + above) / 2


def guarded(trial: Trial, verdict: Verdict, proof: Verdict) -> Verdict:
    """The last stage's verdict: the gain is proven already, so all must only not be worse off than some were.

    One whole window in which neither harm nor the absence of a gain is proven is enough; without data nothing is.
    """
    is_seen = trial.elapsed_seconds >= trial.plan.trial_seconds and verdict.evidence
    if verdict.reason is not VerdictReason.UNDECIDED or not is_seen:
        return verdict
    return replace(
        proof,
        outcome=Outcome.KEEP,
        reason=VerdictReason.GAIN_PROVEN,
        explanation=f"{proof.explanation}, proven by a canary; with all instances no harm was seen",
    )

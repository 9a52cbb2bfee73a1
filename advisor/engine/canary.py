"""Which instances take a value in which stage, and what the last stage must show. Pure.

A share is made to fit the instances that are there: the hashes of a few names never lie evenly, so a third of three is
one of them, and not whatever lies below 0.33. Those that took the value keep it, as a larger share only adds some.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from advisor.engine.trial import Trial
from advisor.model.cohort import Instance, in_cohort, place
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.settings.canary import CanarySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Who takes the value at `cohort`, and who keeps the old one, by the label `instance`."""

    cohort: float
    taking: tuple[str, ...]
    keeping: tuple[str, ...]


def why_none(instances: Sequence[Instance], settings: CanarySettings) -> str:
    """Why these instances carry no canary; "" when they do."""
    if not settings.shares:
        return "trial.canary.shares is empty"
    if any(not each.name for each in instances):
        return "not every instance tells its name; its agent is too old for a canary"
    if next_split(instances, 0.0, settings) is None:
        seen = len({each.scraped for each in instances})
        return f"{seen} instances cannot be split into {settings.smallest_side} and {settings.smallest_side}"
    return ""


def next_split(instances: Sequence[Instance], former: float, settings: CanarySettings) -> Split | None:
    """The next stage with a control beside it, after the share `former` (0 at the start); None when there is none.

    A service whose workers fall on both sides counts on neither.
    """
    for share in settings.shares:
        cohort = _fitted(instances, share)
        if cohort is None or cohort <= former:
            continue
        split = split_at(instances, former, cohort)
        if min(len(split.taking), len(split.keeping)) >= settings.smallest_side:
            return split
    return None


def split_at(instances: Sequence[Instance], former: float, cohort: float) -> Split:
    """Who comes to the value between two shares, and who stays without."""
    services: dict[str, list[str]] = {}
    for each in instances:
        services.setdefault(each.scraped, []).append(each.name)
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

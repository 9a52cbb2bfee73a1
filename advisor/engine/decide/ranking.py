"""Which proposal comes first. Pure; the formula is explained in docs/policy.md.

    worth  = gain x chance / cost
    chance = (prior x chance by risk + kept) / (prior + kept + rolled back)

gain: seconds of callers' waiting saved per second. chance: that the change is kept; it begins at what the settings
say of its risk and moves towards the knob's own record. cost: what a change of this knob costs, undoing included,
against one that is written and undone in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.knob import kind_of
from advisor.model.proposal import Proposal, Risk
from advisor.model.track_record import TrackRecord
from advisor.settings.policy import PolicySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A proposal with its worth, in seconds of waiting saved per second, risk and cost taken off."""

    proposal: Proposal
    worth: float
    chance: float
    cost: float

    @property
    def sum(self) -> str:
        """The arithmetic, for people."""
        gain = self.proposal.gain_seconds_per_second
        return f"{gain:.3g} s/s x {self.chance:.0%} / {self.cost:g} = {self.worth:.3g}"


def rank(proposals: Sequence[Proposal], policy: PolicySettings, record: TrackRecord) -> list[Ranked]:
    """The worthiest first; of equals the less risky, then by id."""
    ranked = [_ranked(proposal, policy, record) for proposal in proposals]
    return sorted(ranked, key=lambda one: (-one.worth, one.proposal.risk.rank, one.proposal.id))


def _ranked(proposal: Proposal, policy: PolicySettings, record: TrackRecord) -> Ranked:
    chance, cost = _chance(proposal, policy, record), _cost(proposal.target.knob, policy)
    return Ranked(proposal=proposal, worth=proposal.gain_seconds_per_second * chance / cost, chance=chance, cost=cost)


def _chance(proposal: Proposal, policy: PolicySettings, record: TrackRecord) -> float:
    ranking = policy.ranking
    by_risk = {
        Risk.LOW: ranking.chance_low_risk,
        Risk.MEDIUM: ranking.chance_medium_risk,
        Risk.HIGH: ranking.chance_high_risk,
    }[proposal.risk]
    own = record.knob(proposal.target.knob)
    if own is None or ranking.prior_changes + own.judged == 0:
        return by_risk
    return (ranking.prior_changes * by_risk + own.kept) / (ranking.prior_changes + own.judged)


def _cost(knob: str, policy: PolicySettings) -> float:
    own = policy.for_knob(knob).cost_ratio
    return kind_of(knob).undo_cost if own is None else own

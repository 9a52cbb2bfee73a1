"""Whether a person must approve a change, and why. Pure.

The policy's word comes first; a knob's own record may move it where the settings allow that; whatever reaches too far,
is watched by nobody, leaves a doubt or rests on a model that was often wrong then asks a person all the same.
"""

from dataclasses import dataclass

from advisor.engine.decide.blast_radius import Extent, extent_of
from advisor.engine.decide.context import DecisionContext
from advisor.model.proposal import Proposal
from advisor.model.track_record import KnobRecord, TrackRecord
from advisor.settings.policy import BlastRadius, Permission
from advisor.settings.trust import AutonomySettings, TrustSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """reason: why a person must approve, or why none must although the policy names one; "" when policy says it all."""

    needs_approval: bool
    reason: str


def grant(proposal: Proposal, context: DecisionContext, record: TrackRecord) -> Grant:
    """Of a proposal that nothing stands against."""
    policy = context.policy
    permission, earned = _earned(proposal, policy.for_knob(proposal.target.knob).permission, policy.autonomy, record)
    if permission is not Permission.AUTOMATIC:
        return Grant(needs_approval=True, reason=earned)
    doubt = (
        "; ".join(proposal.doubts)
        or ("" if proposal.app else "no application is known to watch")
        or _too_far(extent_of(proposal.target, context.snapshot), policy.blast_radius)
        or _distrust(proposal, policy.trust, record)
    )
    return Grant(needs_approval=bool(doubt), reason=doubt or earned)


def _earned(
    proposal: Proposal, permission: Permission, autonomy: AutonomySettings, record: TrackRecord
) -> tuple[Permission, str]:
    knob = record.knob(proposal.target.knob)
    if knob is None or knob.judged < autonomy.smallest_count:
        return permission, ""
    told = f"{knob.knob} was kept in {knob.kept} of {knob.judged} changes"
    if permission is Permission.AUTOMATIC and autonomy.may_lower and knob.kept_ratio < autonomy.lower_kept_ratio:
        return Permission.APPROVE, f"{told}, less than the {autonomy.lower_kept_ratio:.0%} that automatic changes ask"
    if permission is Permission.APPROVE and _has_earned(knob, autonomy):
        return Permission.AUTOMATIC, f"earned: {told}, with a prediction error of {knob.error_ratio:.0%}"
    return permission, ""


def _has_earned(knob: KnobRecord, autonomy: AutonomySettings) -> bool:
    """A knob whose predictions were never measured has earned nothing."""
    if not autonomy.may_raise or knob.error_ratio is None:
        return False
    return knob.kept_ratio >= autonomy.raise_kept_ratio and knob.error_ratio <= autonomy.raise_error_ratio


def _too_far(extent: Extent, radius: BlastRadius) -> str:
    """Over the blast radius, or not known to be within it."""
    if radius.largest_instances is not None and not extent.on_table:
        if extent.instances is None:
            return "how many instances it reaches is not known"
        if extent.instances > radius.largest_instances:
            return f"it reaches {extent.instances} instances, more than {radius.largest_instances}"
    if radius.largest_table_bytes is not None and extent.on_table:
        if extent.table_bytes is None:
            return "how large its table is is not known"
        if extent.table_bytes > radius.largest_table_bytes:
            return (
                f"its table has {extent.table_bytes / 1e9:.3g} GB, more than {radius.largest_table_bytes / 1e9:.3g} GB"
            )
    return ""


def _distrust(proposal: Proposal, trust: TrustSettings, record: TrackRecord) -> str:
    model = record.model(proposal.prediction.model)
    if model is None or model.count < trust.smallest_count or model.coverage >= trust.smallest_coverage:
        return ""
    return (
        f"model {model.model} was right in {model.inside} of {model.count} changes, "
        f"less than the {trust.smallest_coverage:.0%} that automatic changes ask"
    )

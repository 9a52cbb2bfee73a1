"""One trial: the way of a new user through one trouble, or through none, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.demo.view import describe_change
from advisor.model.change import ChangeRecord, State
from advisor.model.verdict import Outcome
from tests.field.newcomer import Newcomer
from tests.field.reason import goal_of, misfit
from tests.field.troubles import Trouble
from tests.field.world import Servers, site

PROPOSE_SECONDS = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the new user saw. found, proposed: rules of findings in the report, and (rule, target) of the choice."""

    checks: tuple[str, ...]
    found: frozenset[str]
    proposed: tuple[tuple[str, str], ...]
    changes: Sequence[ChangeRecord]

    def change_of(self, rule: str) -> ChangeRecord | None:
        """The change that was kept, else the latest that was settled, else the latest."""
        of_rule = [record for record in self.changes if record.proposal.rule == rule]
        kept = [record for record in of_rule if record.state is State.KEPT]
        settled = [record for record in of_rule if not record.is_open]
        return next(iter(kept or settled or of_rule), None)

    def kept(self) -> list[ChangeRecord]:
        """Those whose gain the judge found proven; what he left to a person is none of his."""
        return [
            record
            for record in self.changes
            if record.state is State.KEPT and record.verdict is not None and record.verdict.outcome is Outcome.KEEP
        ]


def run_trial(
    servers: Servers, troubles: Sequence[Trouble], *, apply_seconds: float, with_defaults: bool = False
) -> Trial:
    """Check, report, propose, apply. `apply_seconds`: how long it may act; without a trouble, how long it does."""
    with site(servers, troubles) as place:
        newcomer = Newcomer(site=place, with_defaults=with_defaults)
        checks = newcomer.check()["checks"]
        report = newcomer.report()
        proposed = newcomer.proposed(PROPOSE_SECONDS if troubles else PROPOSE_SECONDS / 3)
        changes = newcomer.applied({trouble.rule for trouble in troubles}, apply_seconds)
    return Trial(
        checks=tuple(f"{one['name']}: {one['status']}, {one['detail']}" for one in checks),
        found=frozenset(finding["rule"] for finding in report["findings"]),
        proposed=tuple((event["rule_id"], event["target"]) for event in proposed),
        changes=changes,
    )


def told(record: ChangeRecord) -> str:
    """One change in full: what was predicted, what was measured, how it ended and why."""
    prediction, goal = record.proposal.prediction, goal_of(record)
    measured = "nothing"
    if goal is not None:
        measured = f"{goal.mean_before:.4g} before, {goal.mean_after:.4g} after"
        measured += f", ratio {goal.ratio:.3g} ({goal.ratio_low:.3g} to {goal.ratio_high:.3g})"
    # A roll-back ends with the step that put the old value back; why stands in the step before.
    why = record.phases[-2 if record.state is State.ROLLED_BACK else -1].reason
    return "\n".join(
        (
            f"  change     {describe_change(record.proposal)}",
            f"  predicted  {prediction.expected:.4g} {prediction.unit} "
            f"({prediction.low:.4g} to {prediction.high:.4g}) of {prediction.signal} by {prediction.model}",
            f"  measured   {measured}",
            f"  ended      {record.state.value}: {why}",
            f"  the reason {misfit(record) or 'fits its numbers'}",
        )
    )

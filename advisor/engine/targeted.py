"""A look because of an alert: only its rules, only its application. It changes nothing, and asks nothing twice."""

from collections.abc import Sequence
from dataclasses import replace

from advisor.engine.diagnose import diagnose
from advisor.engine.propose import propose
from advisor.model.alert import Focus, TargetedLook
from advisor.model.database.workload import DatabaseState
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Diagnosis, RuleResult, RuleStatus
from advisor.model.signal import SignalKey
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext

_NOTHING_CHOSEN = Choice(proposal=None, reason="a targeted look chooses nothing; the next cycle does")


def application_of(focus: Focus, snapshot: Snapshot, context: RuleContext) -> str:
    """The first name of `focus` that is an application or a database known here; "" when none is."""
    apps = {key.label("app") for key in snapshot.signals} | set(context.applications)
    known = next((name for name in focus.applications if name in apps), "")
    return known or next((name for name in focus.databases if name in snapshot.databases), "")


def look(focus: Focus, snapshot: Snapshot, rules: Sequence[Rule], context: RuleContext) -> TargetedLook:
    """What the rules of `focus` find in `snapshot` about its application, and propose. Nothing is chosen.

    Where it names applications and none is known, every rule is skipped: the numbers of others are no answer.
    """
    asked = [rule for rule in rules if rule.id in focus.rules]
    name = application_of(focus, snapshot, context)
    if focus.names and not name:
        reason = f"no such application is known: {', '.join(focus.names)}"
        skipped = tuple(RuleResult(rule=rule.id, status=RuleStatus.SKIPPED, reason=reason) for rule in asked)
        unknown = Diagnosis(snapshot=snapshot, rules=skipped, findings=(), proposals=(), choice=_NOTHING_CHOSEN)
        return TargetedLook(diagnosis=unknown, application="")
    results, found = diagnose(snapshot, asked, context)
    if name:  # what is about it is what nobody would find without it; sums over all applications stay whole
        _, others = diagnose(_without(name, snapshot, context), asked, context)
        found = tuple(finding for finding in found if finding.id not in {other.id for other in others})
        results = tuple(_about(result, {finding.rule for finding in found}) for result in results)
    offers = propose(found, snapshot, asked, context)
    diagnosis = Diagnosis(
        snapshot=snapshot,
        rules=results,
        findings=found,
        proposals=offers.proposals,
        choice=_NOTHING_CHOSEN,
        answers=offers.answers,
    )
    return TargetedLook(diagnosis=diagnosis, application=name)


def concerns(proposal: Proposal, focus: Focus) -> bool:
    """Whether `proposal` may have come of what `focus` is about: one of its rules, for one of its names."""
    about = {proposal.app, *proposal.target.as_dict().values()}
    return proposal.rule in focus.rules and (not focus.names or bool(about & set(focus.names)))


def _about(result: RuleResult, fired: set[str]) -> RuleResult:
    """A rule that fired for others alone is healthy here."""
    is_others = result.status is RuleStatus.FIRED and result.rule not in fired
    return replace(result, status=RuleStatus.HEALTHY) if is_others else result


def _without(name: str, snapshot: Snapshot, context: RuleContext) -> Snapshot:
    """As if this application, or this database, were not there; of an application its database goes too."""
    own = snapshot.databases.get(name) or context.database_of(name, snapshot)
    return replace(
        snapshot,
        signals={key: reading for key, reading in snapshot.signals.items() if not _is_of(key, name, own)},
        databases={key: look for key, look in snapshot.databases.items() if look is not own},
    )


def _is_of(key: SignalKey, name: str, own: DatabaseState | None) -> bool:
    return name in (key.label("app"), key.label("database")) or (own is not None and key.label("database") == own.name)

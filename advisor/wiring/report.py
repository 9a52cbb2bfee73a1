"""The dry run: two looks some seconds apart, one diagnosis, one decision."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from advisor.clock import SystemClock
from advisor.engine.decide.choose import DecisionContext, decide
from advisor.engine.diagnose import diagnose
from advisor.engine.propose import Offers, propose
from advisor.engine.quiet import usual_loads
from advisor.journal.repository import open_journal
from advisor.model.errors import JournalError
from advisor.model.finding import Finding
from advisor.model.report import Diagnosis, RuleResult, RuleStatus
from advisor.model.snapshot import Snapshot
from advisor.ports.clock import Clock
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.schema import Settings
from advisor.wiring.looks import Looks, observe_twice
from advisor.wiring.rule_context import context_of
from advisor.wiring.rules.book import rules_of
from advisor.wiring.sources import connect, load_history_of

_FEWEST_CALLS = 3
"""What ran less often, and not between the looks, is no habit of the application: a migration, somebody's question."""


def build_report(settings: Settings, *, only_rules: tuple[str, ...] = (), looks: Looks | None = None) -> Diagnosis:
    """A dry run: observe, diagnose, propose, decide. Writes nothing anywhere."""
    clock = SystemClock()
    with connect(settings, clock) as sources:
        rules, context = rules_of(settings, only_rules), context_of(settings, sources)
        totals, snapshot = observe_twice(settings, sources, clock, looks or Looks())
        results, findings = diagnose(snapshot, rules, context)
        offers = propose(findings, snapshot, rules, context)
        seldom = () if totals is None else _of_the_rest(snapshot, totals, rules, context)
        if totals is not None and seldom:
            offers = _joined(offers, propose(seldom, totals, rules, context))
        loads = usual_loads(offers.proposals, settings.policy, load_history_of(settings, sources), clock.now())
        circumstances = replace(_circumstances(settings, clock), snapshot=snapshot, usual_load=loads)
        choice = decide(offers.proposals, circumstances)
    found = sorted((*findings, *seldom), key=lambda one: (-one.waste_seconds_per_second, one.id))
    return Diagnosis(
        snapshot=snapshot,
        rules=tuple(_result(result, offers, seldom) for result in results),
        findings=tuple(found),
        proposals=offers.proposals,
        choice=choice,
        answers=offers.answers,
        totals=totals,
        since_totals=frozenset(finding.id for finding in seldom),
    )


def _of_the_rest(now: Snapshot, totals: Snapshot, rules: Sequence[Rule], context: RuleContext) -> tuple[Finding, ...]:
    """What the totals say of statements that run now and then, and did not between the looks."""
    unseen = set()
    for name, before in totals.databases.items():
        look = now.databases.get(name)
        ran = {statement.queryid for statement in look.statements} if look is not None else set()
        unseen |= {
            f"{name}/{statement.queryid}"
            for statement in before.statements
            if statement.queryid not in ran and statement.calls >= _FEWEST_CALLS
        }
    if not unseen:
        return ()
    _, findings = diagnose(totals, rules, context)
    return tuple(finding for finding in findings if finding.key in unseen)


def _joined(now: Offers, before: Offers) -> Offers:
    proposals = {proposal.id: proposal for proposal in (*before.proposals, *now.proposals)}
    ranked = sorted(proposals.values(), key=lambda p: (-p.gain_seconds_per_second, p.risk.rank, p.id))
    return Offers(
        proposals=tuple(ranked),
        problems={**before.problems, **now.problems},
        answers={**before.answers, **now.answers},
    )


def _result(result: RuleResult, offers: Offers, seldom: Sequence[Finding]) -> RuleResult:
    """A rule that found something in the totals alone has fired too."""
    fired = any(finding.rule == result.rule for finding in seldom)
    status = RuleStatus.FIRED if fired else result.status
    return replace(result, status=status, reason=offers.problems.get(result.rule, result.reason))


def _circumstances(settings: Settings, clock: Clock) -> DecisionContext:
    """What the journal knows, if there is one; a report makes none."""
    nothing = DecisionContext(policy=settings.policy, history=(), pause=None, now=clock.now())
    try:
        journal = open_journal(settings.journal.url, read_only=True)
    except JournalError:
        return nothing
    with closing(journal):
        environment = settings.policy.environment
        history, fights = journal.history(environment), journal.fights(environment)
        snoozes = journal.snoozes(environment)
        return replace(nothing, history=history, fights=fights, snoozes=snoozes, pause=journal.paused())

"""The dry run: one look, one diagnosis, one decision."""

from contextlib import closing
from dataclasses import replace

from advisor.clock import SystemClock
from advisor.engine.decide.choose import DecisionContext, decide
from advisor.engine.diagnose import diagnose
from advisor.engine.observe import Observer
from advisor.engine.propose import propose
from advisor.engine.quiet import usual_loads
from advisor.journal.repository import open_journal
from advisor.model.errors import JournalError
from advisor.model.report import Diagnosis
from advisor.ports.clock import Clock
from advisor.settings.schema import Settings
from advisor.wiring.rules import context_of, rules_of
from advisor.wiring.sources import connect, load_history_of


def build_report(settings: Settings, *, only_rules: tuple[str, ...] = ()) -> Diagnosis:
    """A dry run: observe, diagnose, propose, decide. Writes nothing anywhere."""
    clock = SystemClock()
    with connect(settings, clock) as sources, closing(Observer(slots=sources.slots, clock=clock)) as observer:
        rules, context = rules_of(settings, only_rules), context_of(settings, sources)
        snapshot = observer.observe(settings.daemon.window_seconds)
        results, findings = diagnose(snapshot, rules, context)
        proposals, problems = propose(findings, snapshot, rules, context)
        loads = usual_loads(proposals, settings.policy, load_history_of(settings, sources), clock.now())
        choice = decide(proposals, replace(_circumstances(settings, clock), snapshot=snapshot, usual_load=loads))
    return Diagnosis(
        snapshot=snapshot,
        rules=tuple(replace(result, reason=problems.get(result.rule, result.reason)) for result in results),
        findings=findings,
        proposals=proposals,
        choice=choice,
    )


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
        return replace(nothing, history=history, fights=fights, pause=journal.paused())

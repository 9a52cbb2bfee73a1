"""The closed loop on a cluster: an autoscaler that acts too late is mended, and sizes cut too low are put back."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from getpass import getuser

from advisor.demo.cluster.environment import environment
from advisor.demo.cluster.harm import propose_harm
from advisor.demo.cluster.workload import APP
from advisor.demo.harm import RULE as HARM
from advisor.demo.options import DemoOptions
from advisor.demo.outcome import DemoOutcome, change_for
from advisor.demo.scenarios import Scenario
from advisor.demo.stage import LONGEST_HARM_SECONDS, Stage, approvals, journal_of, slack_preview
from advisor.demo.view import DemoView
from advisor.engine.approvals import Approvals
from advisor.model.change import ChangeRecord, State
from advisor.servers.cluster.programs import Programs

_METRIC = f"mean latency of {APP}"
_LATE = Scenario(name="scales-too-late", rule="hpa-target-too-high", route=APP, metric=_METRIC)
_HARM = Scenario(name="limit-cut-too-low", rule=HARM, route=APP, metric=_METRIC)
_LONGEST_SECONDS = 600.0
_WITH_A_PERSON_SECONDS = 3600.0


def run_cluster_demo(options: DemoOptions, programs: Programs) -> DemoOutcome:
    """What became of both. Raises ServerUnavailableError."""
    started = time.monotonic()
    with ExitStack() as stack:
        view = stack.enter_context(DemoView())
        world = stack.enter_context(environment(programs, view.say))
        stage = Stage(world=world, view=view, scenarios=(_LATE,), journal=journal_of(world))
        word = None if options.slack else approvals(world, stack)
        if options.slack:
            stage.preview = slack_preview(world, view, options, stack)
        stage.watch(
            lambda history: _is_decided(history, stage, word),
            _LONGEST_SECONDS if options.yes or not options.slack else _WITH_A_PERSON_SECONDS,
        )
        view.say("now a harmful change, as a person might order it: pods of 80m, which the load does not fit in")
        if stage.order(propose_harm):
            stage.watch(_is_over, LONGEST_HARM_SECONDS)
        scenarios = tuple(
            stage.compared(scenario, change_for(scenario.rule, stage.history()), expected)
            for scenario, expected in ((_LATE, State.KEPT), (_HARM, State.ROLLED_BACK))
        )
        outcome = DemoOutcome(scenarios=scenarios, seconds=time.monotonic() - started)
        if options.keep:
            stage.keep()
    return outcome


def _is_decided(history: Sequence[ChangeRecord], stage: Stage, word: Approvals | None) -> bool:
    """Whether the autoscaler's change has ended. word: who approves it, where nobody is asked."""
    for record in history:
        if word is not None and record.state is State.PROPOSED:
            stage.view.say("a change of a cluster asks for a person's word: the demo gives it")
            word.approve(record.id, f"{getuser()} (demo)", plan=record.plan_hash)
    ends = [record for record in history if record.proposal.rule == _LATE.rule and not record.is_open]
    return bool(ends)


def _is_over(history: Sequence[ChangeRecord]) -> bool:
    return any(record.proposal.rule == HARM and not record.is_open for record in history)

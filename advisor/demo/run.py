"""The closed loop before your eyes: three bottlenecks found, changed one at a time, measured, and kept."""

import time
from collections.abc import Sequence
from contextlib import ExitStack

from advisor.demo.environment import environment
from advisor.demo.harm import RULE as HARM
from advisor.demo.harm import propose_harm
from advisor.demo.options import DemoOptions
from advisor.demo.outcome import DemoOutcome, ScenarioOutcome, change_for
from advisor.demo.scenarios import SCENARIOS, Scenario
from advisor.demo.stage import LONGEST_HARM_SECONDS, Stage, journal_of, slack_preview
from advisor.demo.view import DemoView
from advisor.model.change import ChangeRecord, State

_LONGEST_SECONDS = 1200.0
_WITH_A_PERSON_SECONDS = 3600.0


def run_demo(options: DemoOptions) -> DemoOutcome:
    """What became of every scenario, and of the harmful change if asked for. Raises ServerUnavailableError."""
    started = time.monotonic()
    permission = "approve" if options.slack else "automatic"
    with ExitStack() as stack:
        view = stack.enter_context(DemoView())
        world = stack.enter_context(environment(view.say, permission))
        stage = Stage(world=world, view=view, scenarios=SCENARIOS, journal=journal_of(world))
        if options.slack:
            stage.preview = slack_preview(world, view, options, stack)
        stage.watch(_all_are_decided, _LONGEST_SECONDS if options.yes or not options.slack else _WITH_A_PERSON_SECONDS)
        scenarios = [
            stage.compared(scenario, change_for(scenario.rule, stage.history()), State.KEPT) for scenario in SCENARIOS
        ]
        if options.with_bad_change:
            scenarios.append(_harm(stage))
        outcome = DemoOutcome(scenarios=tuple(scenarios), seconds=time.monotonic() - started)
        if options.keep:
            stage.keep()
    return outcome


def _all_are_decided(history: Sequence[ChangeRecord]) -> bool:
    """Kept, or rejected by who was asked."""
    ends = (State.KEPT, State.REJECTED)
    decided = {record.proposal.rule for record in history if record.state in ends}
    return all(scenario.rule in decided for scenario in SCENARIOS)


def _harm(stage: Stage) -> ScenarioOutcome:
    """Give harmful advice, and follow it to its end."""
    pool = change_for("pool-exhaustion", stage.history())
    size = pool.proposal.proposed if pool is not None else None
    scenario = Scenario(name="bad-change", rule=HARM, route="replies", metric="mean latency of replies")
    if isinstance(size, int):
        stage.view.say(f"now a harmful change, as a person might order it: a pool of 2 in place of {size}")
        if stage.order(lambda journal, now: propose_harm(journal, size, now)):
            stage.watch(
                lambda history: any(r.proposal.rule == HARM and not r.is_open for r in history), LONGEST_HARM_SECONDS
            )
    return stage.compared(scenario, change_for(HARM, stage.history()), State.ROLLED_BACK)

"""The example application under a load with a day in it, time compressed: what a trial by day and night is tried on."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from advisor.demo import configuration
from advisor.demo.configuration import APP
from advisor.demo.environment import answers
from advisor.demo.scenarios import badly_set
from advisor.demo.voiceassist import database
from advisor.model.change import ChangeRecord, State
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal
from advisor.model.signal import signal
from advisor.model.verdict import VerdictReason
from advisor.servers import prometheus
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess, Program
from advisor.testing.words import a_proposal
from advisor_rules import ALL_RULES
from tests.acceptance.world import World

AMPLITUDE = 0.4
_FEW, _MANY = 6, 12
_ENTRIES = 1000
_HISTORY_DAYS, _FIRST_DAYS, _LONGEST_DAYS = 6, 3, 6
SETTLED = (State.KEPT, State.ROLLED_BACK, State.FAILED, State.STUCK, State.EXPIRED, State.SUPERSEDED)

_WAIT = signal("pool.wait_mean_seconds", app=APP)
_LATENCY = signal("http.p95_seconds", app=APP)


def _order(what: str, knob: str, current: int, proposed: int, goal: Goal) -> Proposal:
    return a_proposal(
        finding=f"{what}/{APP}",
        rule=what,
        target=knob_target(knob, app=APP, **({"cache": "dashboards"} if knob.startswith("cache.") else {})),
        current=current,
        proposed=proposed,
        rationale="ordered by a person",
        prediction=Prediction(signal=goal.signal, unit="s", low=0.0, expected=0.0, high=0.0, model="hearsay"),
        goal=goal,
        app=APP,
        apply="",
        undo="",
    )


GOOD = _order("good", "db.pool_size", _FEW, _MANY, Goal(signal=_WAIT, better=Better.LOWER, minimum_gain_ratio=0.3))
"""Busy connections: 4.5 at the mean, 2.7 at night, 6.3 at noon. With fewer than 6 callers are turned away each noon, in
one clump a day, and so few days do not tell that no more come."""
BAD = _order("bad", "db.pool_size", _MANY, _FEW, Goal(signal=_WAIT, better=Better.LOWER, minimum_gain_ratio=0.3))
"""Hardly felt at night; at noon 6.3 connections are wanted of 6."""
NULL = _order(
    "null",
    "cache.l1.max_items",
    _ENTRIES,
    2 * _ENTRIES,
    Goal(signal=_LATENCY, better=Better.LOWER, minimum_gain_ratio=0.2),
)
"""Room for twice as many entries, where there are 150 users."""


def trial_settings(day_seconds: float) -> dict[str, Any]:
    """The demo's, with every window a number of whole days: noon is then in each as often as night."""
    return {
        **configuration.document("")["trial"],
        "warm_up_seconds": "5s",
        "baseline_seconds": f"{_HISTORY_DAYS * day_seconds:g}s",
        "history_seconds": f"{_HISTORY_DAYS * day_seconds:g}s",
        "trial_seconds": f"{_FIRST_DAYS * day_seconds:g}s",
        "longest_seconds": f"{_LONGEST_DAYS * day_seconds:g}s",
        "load_shift": 0.3,
    }


def daily_document(prometheus_url: str, day_seconds: float) -> dict[str, Any]:
    """The demo's configuration; no rule runs, so what is tried is what was ordered."""
    document = configuration.document(prometheus_url)
    return {
        **document,
        "disabled_rules": [rule.id for rule in ALL_RULES],
        "policy": {"settle_seconds": "1s"},
        "daemon": {"interval_seconds": "1s", "window_seconds": "20s"},
        "trial": trial_settings(day_seconds),
    }


@contextmanager
def daily_world(folder: Path, postgres_dsn: str, redis_url: str, day_seconds: float) -> Iterator[World]:
    """Application, load, Prometheus and the advisor's settings; the daemon is not started yet."""
    database.create(postgres_dsn, database.Size(), with_index=True)
    with ExitStack() as stack:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        dsn = postgres_dsn.replace("postgresql://", "postgresql+psycopg://")
        variables = replace(badly_set(dsn, redis_url), pool_size=_FEW).to_environment()
        application = _run(stack, folder, "voiceassist", ["advisor.demo.voiceassist", str(port)], variables)
        application.wait_until(lambda: answers(f"{url}/healthz"))
        metrics = stack.enter_context(prometheus.start({APP: [f"127.0.0.1:{port}"]}))
        results = folder / "load.jsonl"
        cycle = ["--amplitude", str(AMPLITUDE), "--period-seconds", str(day_seconds)]
        _run(stack, folder, "load", ["advisor.demo.load", "--url", url, "--out", str(results), *cycle], {})
        secrets = configuration.secrets(postgres_dsn=postgres_dsn, redis_url=redis_url, journal=folder / "journal.db")
        world = World(folder=folder, document=daily_document(metrics.url, day_seconds), secrets=secrets)
        stack.callback(world.stop)
        yield world


def _run(stack: ExitStack, folder: Path, name: str, arguments: list[str], variables: dict[str, str]) -> ChildProcess:
    command = [sys.executable, "-m", *arguments]
    process = ChildProcess(Program(name=name, command=command, folder=folder, environment=variables))
    stack.callback(process.stop)
    return process


def settled(world: World, proposal: Proposal, day_seconds: float) -> ChangeRecord:
    """`proposal` ordered, and followed to its end: at most the baseline, the longest window, and a day to spare."""
    longest = (_HISTORY_DAYS + _LONGEST_DAYS + 1) * day_seconds + 30
    return world.wait_for(world.order(proposal), *SETTLED, within_seconds=longest)


def wrongs(good: ChangeRecord, bad: ChangeRecord, null: ChangeRecord) -> list[str]:
    """What was judged as it should not be; nothing when all three ended as they must."""
    expected = (
        (good, State.KEPT, {VerdictReason.GAIN_PROVEN}),
        (bad, State.ROLLED_BACK, {VerdictReason.GUARDRAIL_HARMED, VerdictReason.NO_GAIN}),
        (null, State.ROLLED_BACK, {VerdictReason.NO_GAIN, VerdictReason.UNDECIDED}),
    )
    found = [
        f"{record.proposal.rule} change {record.state}: {record.phases[-1].reason}"
        for record, state, reasons in expected
        if record.state is not state or record.verdict is None or record.verdict.reason not in reasons
    ]
    if bad.verdict is not None and not any(one.ratio_low > 1 for one in bad.verdict.evidence if one.role == "goal"):
        found.append("bad change: its goal did not prove to be worse")
    return found

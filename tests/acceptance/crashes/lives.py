"""`python -m tests.acceptance.crashes.lives`: lives a daemon's life for each line it is sent, in a process of its own.

The lines are JSON, as `Spec` has it. The imports are done once, and each life is forked from here: what is killed is a
real process with real sessions, and what comes after it is another one. Answers are lines, too: {"pid": ...} when a
life begins, and {"pid": ..., "code": ..., "met": [...]} when it ends.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import structlog
from pydantic import SecretStr

from advisor.engine.cycle import advance
from advisor.engine.rollout.apply import open_change
from advisor.engine.rollout.context import RolloutContext
from advisor.journal.repository import SqlJournal, open_journal
from advisor.knobs.agents.file_board import FileBoard
from advisor.knobs.agents.knob import AgentBoardKnob
from advisor.knobs.agents.redis_board import RedisBoard
from advisor.knobs.agents.status import InstanceValue
from advisor.knobs.postgres.autovacuum import PostgresAutovacuumKnob
from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.knobs.postgres.maintenance import ANALYZE, PostgresMaintenanceKnob
from advisor.knobs.postgres.reindex import PostgresReindexKnob
from advisor.knobs.router import KnobRouter
from advisor.model.cohort import Instance
from advisor.model.errors import StaleEpochError
from advisor.model.knob import KnobTarget, knob_target
from advisor.model.report import Choice
from advisor.model.signal import Series, SignalKey
from advisor.ports.changing import Knob
from advisor.settings.policy import Mode, PolicySettings
from advisor.settings.postgres import PostgresSettings
from advisor.settings.switch_back import SwitchBackSettings
from advisor.settings.trial import TrialSettings
from advisor.testing.meter import FakeMeter
from advisor.testing.samples import FakeSamples
from advisor.testing.words import ERRORS, LATENCY, LOAD, WAIT, a_proposal
from tests.acceptance.crashes.maintenance import MAINTENANCE
from tests.acceptance.crashes.mortal import Fate, MortalJournal, MortalKnob
from tests.contract.knobs.benches import DDL, INDEX
from tests.fakes.harness import noisy

NEW = 12
CLOSED, STILL_OPEN, REFUSED = 0, 3, 4
TRIAL = TrialSettings.model_validate(
    {
        "warm_up_seconds": "10ms",
        "baseline_seconds": "400ms",
        "history_seconds": "4s",
        "earlier_days": (),
        "trial_seconds": "400ms",
        "longest_seconds": "1600ms",
        "no_gain_seconds": "0s",
        "hold_seconds": "3s",
        "apply_seconds": "3s",
        "build_seconds": "20s",
    }
)
_POINTS_EVERY_SECONDS = 0.005
_FOREVER = datetime.max.replace(tzinfo=UTC)
SWITCHING = TRIAL.model_copy(
    update={
        "longest_seconds": 20.0,
        "switch_back": SwitchBackSettings.model_validate(
            {"periods": 3, "shortest_seconds": "300ms", "longest_seconds": "500ms"}
        ),
    }
)
"""On, off and on again: three periods with 3 s to apply each fit into 20 s."""
WATCHING = TRIAL.model_copy(update={"longest_seconds": 8.0})
"""Kept after 0.4 s, and watched on for seconds."""
_LIFE_SECONDS = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """journal: its URL. board: "redis" or "file", else "index" or a name in MAINTENANCE. place: the board's or the
    database's address. old: the value before, where the name does not say it.

    showcase: where the instances show their values. gain: whether the change helps. at, when, how: the fate.
    canary: whether one instance is to have the value first. harm: whether it harms once all instances have it.
    linger_seconds: how long it goes on once nothing is open. switches: whether the old value comes back in the trial.
    fades: whether the gain is gone once the value was kept; it goes on until the probation is over.
    """

    journal: str
    board: str
    place: str
    showcase: str
    gain: bool
    at: str = ""
    when: str = ""
    how: str = "SIGKILL"
    linger_seconds: float = 0.0
    canary: bool = False
    harm: bool = False
    old: str = ""
    switches: bool = False
    fades: bool = False


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Showcase:
    """What the instances show, asked over HTTP, as a scrape would."""

    def __init__(self, url: str) -> None:
        self._url = url

    def values(self, app: str, knob: str) -> list[InstanceValue]:
        return self.shown()

    def shown(self) -> list[InstanceValue]:
        return [InstanceValue(**shown) for shown in requests.get(self._url, timeout=2).json()]

    def instances(self, target: KnobTarget) -> list[Instance]:
        """Implements Fleet: each instance is a service of its own."""
        return [Instance(name=shown.name, scraped=shown.instance) for shown in self.shown()]


def live(spec: Spec) -> tuple[int, list[str]]:
    """Walk until nothing is open. How it ended, and the effects that were had."""
    fate = Fate(at=spec.at, when=spec.when, how=signal.Signals[spec.how])
    with closing(open_journal(spec.journal)) as opened:
        journal: Any = MortalJournal(opened, fate)
        rollout = RolloutContext(
            journal=journal,
            epochs=opened,
            kill_switch=opened,
            knob=MortalKnob(_knob(spec), fate),
            samples=_CanaryCallers(spec) if spec.canary else _Callers(opened, spec),
            fleet=Showcase(spec.showcase) if spec.canary else None,
            clock=Clock(),
            meter=FakeMeter(),
            listeners=(),
            mode=Mode.APPLY,
            policy=PolicySettings(settle_seconds="0s"),
            trial=SWITCHING if spec.switches else WATCHING if spec.fades else TRIAL,
            epoch=opened.take(f"life:{os.getpid()}"),
        )
        try:
            code = _walk(rollout, spec)
        except StaleEpochError:
            code = REFUSED
    return code, fate.met


def _walk(rollout: RolloutContext, spec: Spec) -> int:
    if not rollout.journal.history("default"):
        open_change(Choice(proposal=_proposal(spec), reason="saves most"), rollout)
    give_up_at = time.monotonic() + _LIFE_SECONDS
    linger_until = None
    while time.monotonic() < give_up_at:
        if advance(rollout) is None and not (spec.fades and rollout.journal.history("default")[0].is_on_probation):
            linger_until = linger_until or time.monotonic() + spec.linger_seconds
            if time.monotonic() >= linger_until:
                return CLOSED
        time.sleep(0.03)
    return STILL_OPEN


def _knob(spec: Spec) -> Knob:
    match spec.board:
        case "redis":
            return AgentBoardKnob({"shop": RedisBoard(spec.place)}, Showcase(spec.showcase), Clock())
        case "file":
            board = FileBoard(Path(spec.place), app="shop")
            return AgentBoardKnob({"shop": board}, Showcase(spec.showcase), Clock())
        case _:
            limits = {"lock_timeout_seconds": "5s", "build_timeout_seconds": "15s"}
            settings = PostgresSettings.model_validate({"builder_dsn": SecretStr(spec.place), **limits})
            return KnobRouter(
                {
                    "postgres.index": PostgresIndexKnob(settings),
                    "postgres.analyze": PostgresMaintenanceKnob(ANALYZE, settings),
                    "postgres.reindex": PostgresReindexKnob(settings),
                    "postgres.autovacuum": PostgresAutovacuumKnob(settings),
                }
            )


def _proposal(spec: Spec) -> Any:
    if spec.board == "index":
        return a_proposal(rule="missing-index", target=INDEX, current=None, proposed=DDL, unit="index")
    if spec.board not in MAINTENANCE:
        return a_proposal()
    wanted = MAINTENANCE[spec.board]
    subject = {"database": "main", "schema": "public", "table": "message"}
    target = knob_target(f"postgres.{spec.board}", **subject, **({"index": wanted.index} if wanted.index else {}))
    return a_proposal(rule="maintenance", target=target, current=spec.old, proposed=wanted.new, unit="")


class _Callers(FakeSamples):
    """Callers wait 0.01 s while the new value is in force, if the change helps; 0.1 s otherwise."""

    def __init__(self, journal: SqlJournal, spec: Spec) -> None:
        super().__init__(step_seconds=_POINTS_EVERY_SECONDS)
        self._journal = journal
        self._spec = spec
        self.functions = {
            ERRORS: lambda at: noisy(at, 0.01),
            LATENCY: lambda at: noisy(at, 0.2),
            LOAD: lambda at: noisy(at, 1e6),
        }

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        better = self._better()
        self.functions[WAIT] = lambda at: noisy(at, 0.01 if any(a <= at < b for a, b in better) else 0.1)
        return super().series(signals, start, end)

    def _better(self) -> Sequence[tuple[datetime, datetime]]:
        """From when to when it helps."""
        record = self._journal.history("default")[0]
        if record.trial_since is None or not self._spec.gain:
            return []
        moves = record.switch_back.moves if record.switch_back else ()
        end = (record.settled_at if self._spec.fades else None) or _FOREVER
        begun = [record.trial_since, *(move.ordered_at for move in moves if move.is_on)]
        over = [*(move.ordered_at for move in moves if not move.is_on), end]
        return list(zip(begun, over, strict=False))


class _CanaryCallers(FakeSamples):
    """Callers of an instance with the new value wait 0.01 s if the change helps, of all others 0.1 s.

    With harm, answers take 1 s in place of 0.2 s as soon as all instances have it.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__(step_seconds=_POINTS_EVERY_SECONDS)
        self._spec = spec
        self._showcase = Showcase(spec.showcase)

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        shown = self._showcase.shown()
        taken = {each.instance for each in shown if each.value == NEW}
        latency = 1.0 if self._spec.harm and len(taken) == len(shown) else 0.2

        def of(key: SignalKey, instance: str) -> Callable[[datetime], float]:
            wait = 0.01 if self._spec.gain and instance in taken else 0.1
            mean = {WAIT: wait, ERRORS: 0.01, LATENCY: latency, LOAD: 1e6}[key]
            other = 1 + int(instance[-1]) / 1000  # another noise in each
            return lambda at: noisy(at, mean * other)

        self.by_instance = of
        self.functions = {key: of(key, "shop-0") for key in signals if key in (WAIT, ERRORS, LATENCY, LOAD)}
        return super().series(signals, start, end, instances)


def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    reports: dict[int, int] = {}
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.01)
        if readable:
            line = sys.stdin.readline()
            if not line:
                return
            pid, report = _begin(Spec(**json.loads(line)))
            reports[pid] = report
            _say({"pid": pid})
        for pid, report in list(reports.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del reports[pid]
                with os.fdopen(report, "rb") as pipe:
                    met = pipe.read()
                _say({"pid": pid, "code": os.waitstatus_to_exitcode(status), "met": json.loads(met or b"[]")})


def _begin(spec: Spec) -> tuple[int, int]:
    """Fork a life: its process id, and where it will write what it met."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code, met = live(spec)
        os.write(writer, json.dumps(met).encode())
        os._exit(code)
    os.close(writer)
    return pid, reader


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

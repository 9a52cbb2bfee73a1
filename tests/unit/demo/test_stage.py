"""What the demo tells of a change: the step that ended its trial, and what callers saw before it and up to then."""

import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from advisor.demo.scenarios import Scenario
from advisor.demo.stage import Stage
from advisor.demo.view import DemoView
from advisor.demo.world import World
from advisor.journal.repository import open_journal
from advisor.model.change import Phase, State
from advisor.testing.words import NOON, a_change

SCENARIO = Scenario(name="late", rule="pool-exhaustion", route="web", metric="mean latency")


def at(minute: int, state: State, reason: str = "") -> Phase:
    return Phase(state=state, at=NOON + timedelta(minutes=minute), reason=reason)


def seen(moment: datetime, milliseconds: float) -> str:
    return json.dumps({"at": moment.timestamp(), "route": "web", "errors": 0, "milliseconds": [milliseconds]})


def test_what_is_noted_after_a_change_was_kept_is_no_part_of_what_it_did(tmp_path: Path) -> None:
    """The next change harms while the first one's probation ends."""
    results = tmp_path / "load.jsonl"
    lines = [(-1, 400.0), (14, 100.0), (29, 5000.0)]
    results.write_text("\n".join(seen(NOON + timedelta(minutes=minute), value) for minute, value in lines))
    phases = (
        at(-2, State.APPROVED),
        at(0, State.APPLYING),
        at(0, State.TRIAL),
        at(15, State.KEPT, "faster"),
        at(30, State.KEPT, "probation over"),
    )
    url = SecretStr(f"sqlite:///{tmp_path}/journal.db")
    world = World(addresses="", journal_url=url, results=results, started_at=NOON, processes=())
    with closing(open_journal(url)) as journal:
        stage = Stage(world=world, view=DemoView(), scenarios=(SCENARIO,), journal=journal)
        told = stage.compared(
            SCENARIO, a_change(State.KEPT, phases=phases, applying_since=NOON, trial_since=NOON), State.KEPT
        )
    assert told.reason == "faster"
    assert told.before is not None
    assert told.after is not None
    assert (told.before.mean_seconds, told.after.mean_seconds) == (0.4, 0.1)
    assert told.ended_as_it_should

"""A journal that version 0.1.0 left in the middle of a trial is read to the last word, and its trial goes on.

`written_by_0_1_0.sql` is a dump of what that version wrote: a change that somebody else overwrote, then one on trial
since 14:00:45, when it was three minutes old. Callers waited 0.5 s / 5 before and wait 0.5 s / 12 since.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from advisor.engine.cycle import advance
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import State
from advisor.model.verdict import VerdictReason
from tests.fakes.harness import CYCLE_SECONDS, RolloutHarness

DUMP = Path(__file__).with_name("written_by_0_1_0.sql")


@pytest.fixture
def former(tmp_path: Path) -> Iterator[SqlJournal]:
    file = tmp_path / "journal.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(DUMP.read_text(encoding="utf-8"))
    with closing(open_journal(f"sqlite:///{file}")) as journal:
        yield journal


def test_every_change_of_it_is_read(former: SqlJournal) -> None:
    on_trial, overwritten = former.history("default")
    assert (on_trial.state, overwritten.state) == (State.TRIAL, State.SUPERSEDED)
    assert former.fights("default") == [former.find(overwritten.id)]
    whole = former.find(on_trial.id)
    assert whole is not None
    assert len(whole.baseline) == 4  # wait, errors, latency, load
    assert whole.unshown_since is None


def test_its_trial_goes_on_from_the_stored_time_and_is_judged(former: SqlJournal) -> None:
    found = former.open_change("default")
    assert found is not None
    assert found.trial_since is not None
    harness = RolloutHarness()
    order = found.order(epoch=found.epoch, hold_until=None)
    harness.knob.apply(order)  # what the former process left in force
    harness.clock.advance((found.trial_since - harness.clock.now()).total_seconds() + 180)
    rollout = replace(
        harness.rollout, journal=former, epochs=former, kill_switch=former, epoch=former.take("the next version")
    )
    assert rollout.epoch == found.epoch + 1
    for _ in range(300):
        harness.clock.advance(CYCLE_SECONDS)
        if advance(rollout) is None:
            break
    ended = former.find(found.id)
    assert ended is not None
    assert ended.state is State.KEPT
    assert ended.verdict is not None
    assert ended.verdict.reason is VerdictReason.GAIN_PROVEN
    assert ended.trial_since == found.trial_since
    assert ended.settled_at is not None
    assert ended.settled_at - found.trial_since < timedelta(seconds=found.plan.warm_up_seconds + 3600)

"""A canary on three real instances: one takes the value first, and what the other two show is the proof."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.model.change import ChangeRecord, State
from advisor.model.verdict import VerdictReason
from tests.acceptance.fleet import Fleet, pool_of, start_fleet
from tests.acceptance.world import life
from tests.integration.servers.processes import comes_true

FEW, ENOUGH, TOO_FEW = 4, 8, 2
"""Connections of each instance, where 2.9 are busy: a queue now and then, none, and time-outs for one in three."""
SETTLED = (State.KEPT, State.ROLLED_BACK, State.FAILED, State.STUCK, State.EXPIRED, State.SUPERSEDED)

pytestmark = pytest.mark.timeout(240)  # 26 s to 68 s each at a load of 3 to 6 on two processors, 91 s at 10

StartFleet = Callable[[int], Fleet]


@pytest.fixture
def start(tmp_path: Path, database: str, valkey_url: str) -> Iterator[StartFleet]:
    with ExitStack() as stack:
        yield lambda pool_size: stack.enter_context(start_fleet(tmp_path, database, valkey_url, pool_size))


def on_trial_in_one(fleet: Fleet, change_id: str) -> ChangeRecord:
    """The change once one instance has the value on trial."""
    record = fleet.world.wait_for(change_id, State.TRIAL, *SETTLED, within_seconds=60)
    assert record.state is State.TRIAL, life(record)
    assert record.stage is not None, life(record)
    assert (len(record.stage.taking), len(record.stage.keeping)) == (1, 2), life(record)
    return record


def shown_by_the_others(fleet: Fleet, record: ChangeRecord) -> set[float]:
    """Every pool size that the two instances beside the canary have shown since the order."""
    assert record.stage is not None
    sizes = fleet.sizes(record.created_at)
    assert set(sizes) == set(fleet.instances)
    return {size for instance in record.stage.keeping for size in sizes[instance]}


def test_a_good_change_is_proven_by_one_instance_and_then_kept_by_all(start: StartFleet) -> None:
    fleet = start(FEW)
    fleet.world.start_advisor()
    change_id = fleet.world.order(pool_of(FEW, ENOUGH))
    canary = on_trial_in_one(fleet, change_id)
    shown = fleet.world.run("changes", "show", change_id).stdout
    assert "1 of 3 instances takes the value first, 2 keep the old one" in shown
    fleet.world.wait_for(change_id, State.APPLYING, *SETTLED, within_seconds=60)
    kept = fleet.world.wait_for(change_id, *SETTLED, within_seconds=60)
    assert kept.state is State.KEPT, life(kept)
    assert canary.stage is not None
    assert kept.stage is not None
    assert kept.stage.is_last
    assert set(kept.stage.taking) == set(canary.stage.keeping)
    assert kept.verdict is not None
    assert kept.verdict.reason is VerdictReason.GAIN_PROVEN
    assert comes_true(lambda: fleet.sizes_now() == dict.fromkeys(fleet.instances, ENOUGH))
    widened = next(phase.at for phase in kept.phases if "next: all instances" in phase.reason)
    checked = [line for line in fleet.world.run("check").stdout.splitlines() if "canary:voiceassist" in line]
    assert "ok" in checked[0], checked
    before = fleet.sizes(kept.created_at, until=widened)
    assert {size for instance in canary.stage.keeping for size in before[instance]} == {FEW}
    assert set(before[canary.stage.taking[0]]) == {FEW, ENOUGH}


def test_a_bad_change_is_rolled_back_and_two_of_three_instances_never_had_it(start: StartFleet) -> None:
    fleet = start(ENOUGH)
    fleet.world.start_advisor()
    canary = on_trial_in_one(fleet, fleet.world.order(pool_of(ENOUGH, TOO_FEW)))
    back = fleet.world.wait_for(canary.id, *SETTLED, within_seconds=60)
    assert back.state is State.ROLLED_BACK, life(back)
    assert "guardrail_harmed" in back.phases[-2].reason, life(back)
    assert shown_by_the_others(fleet, canary) == {ENOUGH}
    assert canary.stage is not None
    assert set(fleet.sizes(canary.created_at)[canary.stage.taking[0]]) == {ENOUGH, TOO_FEW}
    assert comes_true(lambda: fleet.sizes_now() == dict.fromkeys(fleet.instances, ENOUGH))


def test_a_daemon_killed_in_the_canary_is_succeeded_by_one_that_ends_it(start: StartFleet) -> None:
    """The second takes up the same stage of the same instance, with the stored clock."""
    fleet = start(ENOUGH)
    first = fleet.world.start_advisor()
    canary = on_trial_in_one(fleet, fleet.world.order(pool_of(ENOUGH, TOO_FEW)))
    time.sleep(1)
    first.kill()
    killed_at = datetime.now(UTC)

    fleet.world.start_advisor("advisor-again")
    back = fleet.world.wait_for(canary.id, *SETTLED, within_seconds=60)
    assert back.state is State.ROLLED_BACK, life(back)
    assert back.trial_since == canary.trial_since, life(back)
    assert back.phases[-1].at > killed_at
    assert canary.stage is not None
    assert back.stage == canary.stage
    assert "guardrail_harmed" in back.phases[-2].reason, life(back)  # judged, and not merely lapsed
    assert shown_by_the_others(fleet, canary) == {ENOUGH}
    assert comes_true(lambda: fleet.sizes_now() == dict.fromkeys(fleet.instances, ENOUGH))

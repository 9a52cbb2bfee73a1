"""Two advisors on one journal, as processes: one leads, the other reads; who was frozen and wakes writes no more."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
import redis

from advisor.model.change import State
from advisor.testing.words import a_proposal
from tests.acceptance.world import Daemon, Shop, World, life
from tests.integration.servers.processes import comes_true

POOL = a_proposal(current=5, proposed=12)
LEASE_SECONDS = 3


@pytest.fixture(params=["sqlite", "postgres"])
def shared(world: World, request: pytest.FixtureRequest) -> World:
    """The world with a short lease, and the journal in each place it can be."""
    world.document["daemon"]["lease_seconds"] = f"{LEASE_SECONDS}s"
    if request.param == "postgres":
        world.secrets["ADVISOR_JOURNAL__URL"] = request.getfixturevalue("database")
    return world


def leads(daemon: Daemon) -> bool:
    return daemon.status("/metrics") == 200 and daemon.metric("advisor_leader") == 1


def is_ready(daemon: Daemon) -> bool:
    return daemon.status("/-/ready") == 200


@contextmanager
def frozen(daemon: Daemon) -> Iterator[None]:
    os.kill(daemon.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(daemon.process.pid, signal.SIGCONT)


def test_of_two_that_start_together_one_leads_and_the_other_serves_and_names_it(shared: World) -> None:
    both = [shared.launch("one"), shared.launch("two")]
    assert comes_true(lambda: all(is_ready(daemon) for daemon in both), within_seconds=30)
    leader, follower = both if leads(both[0]) else reversed(both)
    assert (leads(leader), leads(follower)) == (True, False)
    assert comes_true(lambda: "ready: leads" in leader.text("/-/ready"))  # told after the gauge
    assert comes_true(lambda: f":{leader.process.pid} (term 1)" in follower.text("/-/ready"))
    assert follower.text("/-/ready").startswith("ready: follows")
    assert 'advisor_source_up{source="prometheus"} 1.0' in follower.text("/metrics")
    with shared.journal() as journal:
        assert journal.current_epoch() == 1


def test_when_the_leader_is_killed_the_other_takes_its_change_over(shared: World, shop: Shop) -> None:
    leader = shared.start_advisor("one")
    follower = shared.start_advisor("two")
    change_id = shared.order(POOL)
    began = shared.wait_for(change_id, State.TRIAL).trial_since
    assert shared.change(change_id).epoch == 1
    leader.kill()
    assert comes_true(lambda: leads(follower), within_seconds=2 * LEASE_SECONDS)
    settled = shared.wait_for(change_id, State.KEPT, State.ROLLED_BACK)
    assert (settled.epoch, settled.trial_since) == (2, began), life(settled)


def test_a_frozen_leader_that_wakes_is_refused_and_follows(shared: World, shop: Shop, valkey_url: str) -> None:
    first = shared.start_advisor("one")
    second = shared.start_advisor("two")
    change_id = shared.order(POOL)
    shared.wait_for(change_id, State.TRIAL)
    with frozen(first):
        assert comes_true(lambda: leads(second), within_seconds=10 * LEASE_SECONDS)
        assert comes_true(lambda: board_epoch(valkey_url) == 2)
    assert comes_true(lambda: not leads(first))
    assert comes_true(lambda: first.text("/-/ready").startswith("ready: follows"), within_seconds=20)
    assert first.events("leader_superseded") or first.events("leadership_lost")
    settled = shared.wait_for(change_id, State.KEPT, State.ROLLED_BACK)
    assert settled.epoch == 2
    assert epochs_of_writes(shared, change_id) == sorted(epochs_of_writes(shared, change_id))
    assert board_epoch(valkey_url) == 2
    assert leads(second)


def board_epoch(url: str) -> int:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return int(json.loads(client.hget("advisor:knobs:shop", "db.pool_size") or '{"epoch": 0}')["epoch"])


def epochs_of_writes(world: World, change_id: str) -> list[int]:
    """The term of every write of the change, in order."""
    statement = f"SELECT epoch FROM writes WHERE change_id = '{change_id}' ORDER BY version"
    if world.journal_url.startswith("sqlite"):
        with closing(sqlite3.connect(world.journal_url.removeprefix("sqlite:///"))) as file:
            return [epoch for (epoch,) in file.execute(statement)]
    with psycopg.connect(world.journal_url) as connection:
        return [epoch for (epoch,) in connection.execute(statement)]

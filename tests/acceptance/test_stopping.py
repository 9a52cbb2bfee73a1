"""SIGTERM, pause, resume and freeze, on real servers, while a change is under way."""

import os
import signal
import time

import psycopg
import pytest

from advisor.model.change import State
from advisor.testing.words import a_proposal
from tests.acceptance.world import Daemon, Shop, World, life
from tests.integration.servers.processes import comes_true

POOL = a_proposal(current=5, proposed=12)
MARK = "the advisor was stopped here; the next start goes on"


def terminate(daemon: Daemon) -> float:
    """Seconds from SIGTERM to the end of the process."""
    began = time.monotonic()
    os.kill(daemon.process.pid, signal.SIGTERM)
    assert comes_true(lambda: not daemon.process.is_alive(), within_seconds=15)
    return time.monotonic() - began


@pytest.mark.parametrize("journal", ["sqlite", "postgres"])
def test_sigterm_in_a_trial_ends_within_10_seconds_marks_the_change_and_leaves_no_session(
    world: World, shop: Shop, journal: str, request: pytest.FixtureRequest
) -> None:
    if journal == "postgres":
        world.secrets["ADVISOR_JOURNAL__URL"] = request.getfixturevalue("database")
    daemon = world.start_advisor()
    change_id = world.order(POOL)
    world.wait_for(change_id, State.TRIAL)
    assert terminate(daemon) < 10

    stopped = world.change(change_id)
    assert (stopped.state, stopped.phases[-1].reason) == (State.TRIAL, MARK), life(stopped)
    assert daemon.events("daemon_stopped")[-1]["exit_code"] == 0
    if journal == "postgres":
        with psycopg.connect(world.journal_url) as connection:
            sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'advisor%'"
            assert connection.execute(sessions).fetchone() == (0,)
    world.start_advisor("advisor-again")
    settled = world.wait_for(change_id, State.KEPT, State.ROLLED_BACK)
    assert settled.trial_since == stopped.trial_since


def test_sigterm_with_nothing_under_way_ends_at_once(world: World) -> None:
    daemon = world.start_advisor()
    assert terminate(daemon) < 10
    with world.journal() as journal:
        assert journal.history("default") == []


def test_a_pause_rolls_the_trial_back_and_holds_off_what_comes_next_until_resume(world: World, shop: Shop) -> None:
    daemon = world.start_advisor()
    first = world.order(POOL)
    world.wait_for(first, State.TRIAL)
    assert world.run("pause", "--reason", "release day").returncode == 0
    rolled_back = world.wait_for(first, State.ROLLED_BACK)
    assert "paused: release day" in rolled_back.phases[-2].reason
    assert shop.becomes(5)
    assert comes_true(lambda: daemon.metric("advisor_paused") == 1)

    held_off = world.wait_for(world.order(POOL), State.EXPIRED)
    assert "paused: release day" in held_off.phases[-1].reason
    assert shop.pool_size() == 5

    assert world.run("resume").returncode == 0
    world.wait_for(world.order(POOL), State.TRIAL)
    assert shop.pool_size() == 12


def test_a_freeze_holds_back_even_the_roll_back_and_the_dead_mans_switch_still_fires(world: World, shop: Shop) -> None:
    world.start_advisor()
    change_id = world.order(POOL)
    world.wait_for(change_id, State.TRIAL)
    frozen = world.run("pause", "--freeze", "--reason", "audit")
    assert frozen.returncode == 0
    assert change_id in frozen.stdout
    time.sleep(2)
    before = world.change(change_id)
    assert shop.becomes(5, within_seconds=11)  # nobody renews it for the 8 s it is held
    assert world.change(change_id) == before, life(world.change(change_id))

    assert world.run("resume").returncode == 0
    assert "fell back by itself" in world.wait_for(change_id, State.ROLLED_BACK).phases[-2].reason

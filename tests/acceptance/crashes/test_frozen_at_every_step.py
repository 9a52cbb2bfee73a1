"""F6: a leader is frozen before and after each effect; another takes over and ends the change; then the first wakes.

Whatever it still writes is refused, or is seen and put back by the one that leads.
"""

import pytest

from advisor.model.change import State
from tests.acceptance.crashes.conftest import Lives, Thing, is_frozen, wake
from tests.acceptance.crashes.lives import CLOSED, REFUSED
from tests.integration.servers.processes import comes_true

KINDS = ["redis", "index"]
"""Where somebody refuses an outdated write. A file's is refused by the same knob as Redis', and what a woken process
does late to a table, such as ANALYZE, is done: the server knows no terms.
"""
POINTS = [
    ("journal applying", True),
    ("apply", True),
    ("journal trial", True),
    ("confirm", True),
    ("journal kept", True),
    ("journal rolling_back", False),
    ("restore", False),
    ("journal rolled_back", False),
]


@pytest.mark.parametrize("thing", ["canary"], indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", ["journal applying wider", "renew wider"])
def test_frozen_as_it_widens_a_canary_it_wakes_and_harms_nothing(
    lives: Lives, thing: Thing, effect: str, when: str
) -> None:
    test_frozen_there_it_wakes_and_harms_nothing(lives, thing, effect, True, when)


@pytest.mark.parametrize("thing", KINDS, indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("effect", "gain"), POINTS)
def test_frozen_there_it_wakes_and_harms_nothing(
    lives: Lives, thing: Thing, effect: str, gain: bool, when: str
) -> None:
    first = lives.begin(thing.spec(gain=gain, at=effect, when=when, how="SIGSTOP"))
    assert comes_true(lambda: is_frozen(first), within_seconds=15)
    second = lives.begin(thing.spec(gain=gain, linger_seconds=1.5))
    assert comes_true(lambda: is_over(thing), within_seconds=15)
    ended_as = thing.check_tracked_or_restored()

    wake(first)
    assert lives.end(first)["code"] in (REFUSED, CLOSED)
    assert lives.end(second)["code"] == CLOSED
    assert thing.check_tracked_or_restored() is ended_as
    assert thing.highest_epoch() == 2
    record = thing.record()
    assert record is not None
    assert record.epoch == 2 or record.state in (State.KEPT, State.ROLLED_BACK)


def is_over(thing: Thing) -> bool:
    record = thing.record()
    return record is not None and not record.is_open

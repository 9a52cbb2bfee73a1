"""A daemon is killed before and after each effect of a trial that switches back, and of a taking back on probation.

Afterwards another one starts, and walks until nothing is open and nothing on probation: what is live is what the
journal says.
"""

import signal

import pytest

from advisor.model.change import State
from tests.acceptance.crashes.conftest import Lives, Thing
from tests.acceptance.crashes.test_killed_at_every_step import KEPT, ROLLED_BACK

BACK_AND_ON = ["journal switched_back", "restore", "journal applying again", "apply again", "journal trial again"]
KINDS = ["redis", "file"]


@pytest.mark.parametrize("thing", KINDS, indirect=True)
def test_the_effects_of_a_trial_that_switches_back(lives: Lives, thing: Thing) -> None:
    """What the tests kill at is complete: an effect that is added to the engine shows up here."""
    ended = lives.run(thing.spec(gain=True, switches=True))
    assert ended["code"] == 0, ended
    assert set(ended["met"]) == {*KEPT, *BACK_AND_ON}
    assert thing.check_tracked_or_restored() is State.KEPT


@pytest.mark.parametrize("thing", KINDS, indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", BACK_AND_ON)
def test_killed_in_a_move_the_next_start_makes_it_and_goes_on(
    lives: Lives, thing: Thing, effect: str, when: str
) -> None:
    killed = lives.run(thing.spec(gain=True, switches=True, at=effect, when=when))
    assert killed["code"] == -signal.SIGKILL, killed
    ended = lives.run(thing.spec(gain=True, switches=True))
    assert ended["code"] == 0, ended
    assert thing.check_tracked_or_restored() is State.KEPT, ended
    if (effect, when) == ("journal applying again", "after"):
        assert "apply" in ended["met"]  # it was booked, and is made now


@pytest.mark.parametrize("thing", KINDS, indirect=True)
def test_the_effects_of_a_gain_that_goes(lives: Lives, thing: Thing) -> None:
    ended = lives.run(thing.spec(gain=True, fades=True))
    assert ended["code"] == 0, ended
    assert set(ended["met"]) == {*KEPT, *ROLLED_BACK}
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK


@pytest.mark.parametrize("thing", KINDS, indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", ["journal kept", *ROLLED_BACK])
def test_killed_on_probation_the_next_start_takes_it_back(lives: Lives, thing: Thing, effect: str, when: str) -> None:
    killed = lives.run(thing.spec(gain=True, fades=True, at=effect, when=when))
    assert killed["code"] == -signal.SIGKILL, killed
    ended = lives.run(thing.spec(gain=True, fades=True))
    assert ended["code"] == 0, ended
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK, ended

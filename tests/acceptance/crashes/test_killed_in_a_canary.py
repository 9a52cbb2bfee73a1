"""A daemon is killed before and after each effect of a change that one of three instances takes first.

Afterwards another one starts, and walks until nothing is open: what is live is what the journal says, everywhere.
"""

import signal

import pytest

from advisor.model.change import State
from tests.acceptance.crashes.conftest import Lives, Thing
from tests.acceptance.crashes.test_killed_at_every_step import KEPT, ROLLED_BACK

WIDER = ["journal applying wider", "renew wider", "journal trial wider", "journal trial judged wider"]
HARMED_WIDER = [*WIDER[:3], *ROLLED_BACK]

pytestmark = pytest.mark.parametrize("thing", ["canary"], indirect=True)


def test_the_effects_of_a_canary_that_is_kept(lives: Lives, thing: Thing) -> None:
    """What the tests kill at is complete: an effect that is added to the engine shows up here."""
    ended = lives.run(thing.spec(gain=True))
    assert ended["code"] == 0, ended
    assert set(ended["met"]) == {*KEPT, *WIDER}
    assert thing.check_tracked_or_restored() is State.KEPT
    record = thing.record()
    assert record is not None
    assert [phase.state for phase in record.phases].count(State.TRIAL) == 2


def test_the_effects_of_a_canary_that_does_not_help(lives: Lives, thing: Thing) -> None:
    """It is never widened."""
    ended = lives.run(thing.spec(gain=False))
    assert ended["code"] == 0, ended
    assert set(ended["met"]) == {*KEPT[:5], *ROLLED_BACK}
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK


def test_the_effects_of_a_value_that_harms_once_all_have_it(lives: Lives, thing: Thing) -> None:
    ended = lives.run(thing.spec(gain=True, harm=True))
    assert ended["code"] == 0, ended
    assert set(ended["met"]) == {*KEPT[:6], *HARMED_WIDER}
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", [*KEPT, *WIDER])
def test_killed_on_the_way_to_all_the_next_start_tracks_or_restores_it(
    lives: Lives, thing: Thing, effect: str, when: str
) -> None:
    killed = lives.run(thing.spec(gain=True, at=effect, when=when))
    assert killed["code"] == -signal.SIGKILL, killed
    ended = lives.run(thing.spec(gain=True))
    assert ended["code"] == 0, ended
    state = thing.check_tracked_or_restored()
    if (effect, when) in [("journal applying", "after"), ("apply", "before")]:
        assert state is State.FAILED  # F1: the intent alone
    else:
        assert state is State.KEPT, ended  # F2: adopted in the stage it was in, and judged
        assert "apply" not in ended["met"] or effect in ("journal approved", "journal applying")
    if (effect, when) == ("journal applying wider", "after"):
        assert "journal applying wider" not in ended["met"]  # it was booked, and is not booked again
        assert "renew wider" in ended["met"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", HARMED_WIDER)
def test_killed_on_the_way_back_from_all_the_next_start_restores_it_everywhere(
    lives: Lives, thing: Thing, effect: str, when: str
) -> None:
    killed = lives.run(thing.spec(gain=True, harm=True, at=effect, when=when))
    assert killed["code"] == -signal.SIGKILL, killed
    ended = lives.run(thing.spec(gain=True, harm=True))
    assert ended["code"] == 0, ended
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", ROLLED_BACK)
def test_killed_on_the_way_back_from_one_the_next_start_restores_it(
    lives: Lives, thing: Thing, effect: str, when: str
) -> None:
    killed = lives.run(thing.spec(gain=False, at=effect, when=when))
    assert killed["code"] == -signal.SIGKILL, killed
    ended = lives.run(thing.spec(gain=False))
    assert ended["code"] == 0, ended
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK

"""F1 to F3: a daemon is killed before and after each effect of a change, for every kind of knob.

Afterwards another one starts, and walks until nothing is open: 0 changes are left neither tracked nor restored.
"""

import signal

import pytest

from advisor.model.change import State
from tests.acceptance.crashes.conftest import Lives, Thing
from tests.acceptance.crashes.maintenance import MAINTENANCE

KINDS = ["redis", "file", "index", *MAINTENANCE]
KEPT = [
    "journal approved",
    "journal applying",
    "apply",
    "journal trial",
    "renew",
    "journal trial judged",
    "confirm",
    "journal kept",
]
ROLLED_BACK = ["journal rolling_back", "restore", "journal rolled_back"]
POINTS = [(effect, True) for effect in KEPT] + [(effect, False) for effect in ROLLED_BACK]


@pytest.mark.parametrize("thing", KINDS, indirect=True)
@pytest.mark.parametrize("gain", [True, False])
def test_the_effects_of_a_life_are_the_ones_below_and_no_other(lives: Lives, thing: Thing, gain: bool) -> None:
    """What the tests kill at is complete: an effect that is added to the engine shows up here."""
    ended = lives.run(thing.spec(gain=gain))
    assert ended["code"] == 0, ended
    assert set(ended["met"]) == set(KEPT if gain else KEPT[:5] + ROLLED_BACK)
    assert thing.check_tracked_or_restored() is (State.KEPT if gain else State.ROLLED_BACK)


@pytest.mark.parametrize("thing", KINDS, indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("effect", "gain"), POINTS)
def test_killed_there_the_next_start_tracks_or_restores_it(
    lives: Lives, thing: Thing, effect: str, gain: bool, when: str
) -> None:
    killed = lives.run(thing.spec(gain=gain, at=effect, when=when))
    assert killed["code"] == -signal.SIGKILL, killed
    ended = lives.run(thing.spec(gain=gain))
    assert ended["code"] == 0, ended
    state = thing.check_tracked_or_restored()
    if (effect, when) in [("journal applying", "after"), ("apply", "before")]:
        assert state is State.FAILED  # F1: the intent alone; it is looked at afresh and never blindly applied
        assert "apply" not in ended["met"]
    elif effect in ("apply", "journal trial", "renew"):
        assert state is State.KEPT  # F2: adopted, and judged
        assert "apply" not in ended["met"]
    elif effect in ROLLED_BACK:
        assert state is State.ROLLED_BACK  # F3


@pytest.mark.parametrize("thing", ["redis", "index"], indirect=True)
@pytest.mark.parametrize("effect", ["apply", "renew", "restore"])
def test_killed_again_and_again_the_last_start_tracks_or_restores_it(lives: Lives, thing: Thing, effect: str) -> None:
    for _ in range(3):
        lives.run(thing.spec(gain=effect != "restore", at=effect, when="after"))
    assert lives.run(thing.spec(gain=effect != "restore"))["code"] == 0
    thing.check_tracked_or_restored()

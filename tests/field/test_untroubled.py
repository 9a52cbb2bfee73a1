"""The way of a new user in a strange application that has no trouble."""

import pytest

from tests.field.trial import run_trial, told
from tests.field.world import Servers

UNTROUBLED_SECONDS = 100.0


@pytest.mark.timeout(1800)
def test_without_a_trouble_nothing_is_kept(shared: Servers) -> None:
    trial = run_trial(shared, (), apply_seconds=UNTROUBLED_SECONDS)
    assert "missing-index" not in trial.found
    assert not trial.kept(), "\n".join(told(one) for one in trial.kept())

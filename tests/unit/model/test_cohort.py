"""Who is in a cohort: the daemon and the agents must never differ about it."""

import pytest

from advisor.model import cohort
from advisor_agents import knob


@pytest.mark.parametrize("share", [0.0, 0.001, 0.25, 0.34, 0.5, 0.999, 1.0])
def test_the_daemon_and_the_agents_agree_on_every_name(share: float) -> None:
    names = ["", "shop-0", "Zürich:17", "a" * 300, *(f"pod-{number}:{number * 7}" for number in range(500))]
    for name in names:
        assert cohort.in_cohort(name, share) == knob.in_cohort(name, share)

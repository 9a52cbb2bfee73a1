"""What the doctor says of a canary that is configured: who would go first, or what is missing for it."""

from collections.abc import Sequence

import pytest

from advisor.engine.rollout.canary_check import check_canary
from advisor.model.check import CheckLine, CheckStatus
from advisor.model.cohort import Instance
from advisor.settings.canary import CanarySettings
from tests.fakes.fleet import Fleet


def instances(count: int, *, names: str = "shop-{}") -> list[Instance]:
    return [Instance(name=names.format(number), scraped=f"shop-{number}:80") for number in range(count)]


def checked(found: Sequence[Instance], fleet: Fleet | None = None, *, required: bool = False) -> CheckLine:
    fleet = fleet or Fleet(required=required)
    return check_canary("shop", found, fleet.samples, fleet.trial, fleet.clock.now())


def test_it_names_who_would_take_a_value_first() -> None:
    """A third of 6 are 2; 4 keep the old value."""
    line = checked(instances(6))
    assert (line.name, line.status, line.fix) == ("canary:shop", CheckStatus.OK, "")
    first, beside = line.detail.removeprefix("first ").split(", beside ")
    assert (len(first.split(", ")), len(beside.split(", "))) == (2, 4)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (instances(1), "1 instance cannot be split into 1 and 1"),
        (instances(3, names=""), "not every instance tells its name"),
        (instances(3, names="the same"), "3 instances cannot be split"),
    ],
)
def test_what_is_missing_is_named_with_what_happens_without_it(found: list[Instance], said: str) -> None:
    line = checked(found)
    assert line.status is CheckStatus.WARNING
    assert said in line.detail
    assert "all take a new value at once" in line.detail
    assert "trial.canary.shares" in line.fix
    assert "no change is begun" in checked(found, required=True).detail


def test_a_guardrail_that_cannot_be_read_of_one_instance_is_named() -> None:
    fleet = Fleet()
    fleet.samples.by_instance = None
    line = checked(instances(6), fleet)
    assert line.status is CheckStatus.WARNING
    assert "http.error_ratio{app=shop} cannot be read of" in line.detail
    assert "`instance`" in line.fix


def test_a_prometheus_that_goes_away_in_between_is_a_failure() -> None:
    fleet = Fleet()
    fleet.samples.down = True
    assert checked(instances(6), fleet).status is CheckStatus.FAILED


def test_a_canary_that_is_required_needs_a_share() -> None:
    with pytest.raises(ValueError, match="give one, such as"):
        CanarySettings(shares=(), required=True)

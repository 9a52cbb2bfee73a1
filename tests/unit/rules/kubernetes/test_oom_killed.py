"""Containers that were killed at their memory limit."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from advisor.model.finding import Severity
from advisor.model.kubernetes.hours import HOURS
from advisor.model.kubernetes.usage import ContainerUsage
from advisor_rules.kubernetes.oom_killed import OOM_KILLED
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from tests.fakes.manifests import cluster, container, deployment
from tests.fakes.sizing import ask, found, resources_of, the_proposal, why_none
from tests.fakes.usage import MIB, a_day, flat, usage_of

KILLED = usage_of(days=[a_day(1, mib=500, oom_kills=2), a_day(mib=500)])
TIGHT = deployment("web", [container(requests={"cpu": "600m", "memory": "480Mi"}, limits={"memory": "512Mi"})])


def test_the_limit_rises_above_what_was_seen() -> None:
    """It was cut off at 512 MiB: 768 MiB, half as much again, whatever it used. The request: 500 x 1.15 = 575 MiB."""
    finding, _ = ask(OOM_KILLED, cluster(TIGHT), KILLED)
    assert (finding.summary, finding.severity) == ("Deployment shop/web was OOM-killed 2 times: app", Severity.CRITICAL)
    proposal = the_proposal(OOM_KILLED, cluster(TIGHT), KILLED)
    assert resources_of(proposal.apply) == {"app": {"requests": {"memory": "575Mi"}, "limits": {"memory": "768Mi"}}}
    assert "what app needs above its memory limit was never seen" in proposal.doubts


def test_it_is_no_other_rules_as_well() -> None:
    assert found(RESOURCES_UNDER_PROVISIONED, cluster(TIGHT), KILLED) == []


def test_a_leak_that_is_killed_is_not_given_more() -> None:
    days = [a_day(age, mib=500, growth_a_day=0.5, oom_kills=1) for age in (3, 2, 1, 0)]
    assert why_none(OOM_KILLED, cluster(TIGHT), usage_of(days=days)) == (
        "the memory of app grows by 50% a day without more load: a leak is mended, not sized"
    )


def killed_every_few_hours(kills: int, *, half_of_the_time_mib: float) -> ContainerUsage:
    """Two days of two pods that reach 500 MiB; so many kills that no two hours one after the other can be compared."""
    spread = replace(flat(500 * MIB), p50=half_of_the_time_mib * MIB)
    unread = (None,) * HOURS
    days = [a_day(age, mib=500, oom_kills=kills, memory_changes=unread) for age in (1, 0)]
    return usage_of(days=days, memory=spread)


def test_memory_that_climbs_to_its_limit_again_and_again_is_a_leak() -> None:
    """8 kills a day of 2 pods: each lives 6 hours, and 350 of 500 MiB are 70%."""
    assert why_none(OOM_KILLED, cluster(TIGHT), killed_every_few_hours(8, half_of_the_time_mib=350)) == (
        "app is killed at its memory limit every 6 hours, and climbs to it each time: a leak is mended, not sized"
    )


def test_a_climb_that_is_too_uneven_to_be_sure_of_is_a_leak_all_the_same() -> None:
    """Up by 0.3 a day in the mean, with steps of 1 up and down beside it: the error is larger than the slope."""
    uneven = tuple(0.0125 + (1.0 if hour % 4 < 2 else -1.0) for hour in range(HOURS))
    climbs = killed_every_few_hours(8, half_of_the_time_mib=350)
    usage = replace(climbs, days=tuple(replace(day, memory_changes=uneven) for day in climbs.days))
    assert why_none(OOM_KILLED, cluster(TIGHT), usage).startswith(
        "app is killed at its memory limit every 6 hours, and"
    )


def test_memory_that_lives_near_its_limit_may_leak_where_nothing_else_is_known() -> None:
    """450 of 500 MiB are 90%."""
    assert why_none(OOM_KILLED, cluster(TIGHT), killed_every_few_hours(8, half_of_the_time_mib=450)) == (
        "app is killed at its memory limit every 6 hours: whether it leaks cannot be told from so short lives"
    )


def test_what_is_killed_as_soon_as_it_is_warm_has_a_limit_too_low() -> None:
    """64 kills a day of 2 pods: each lives 45 minutes."""
    assert the_proposal(OOM_KILLED, cluster(TIGHT), killed_every_few_hours(64, half_of_the_time_mib=350)).proposed


def filling(share_a_day: float, hours: float) -> Sequence[float]:
    """The changes of ln, by hour, of memory that gains so much a day at first, and e times less every `hours`."""
    return [math.log1p(share_a_day) / HOURS * math.exp(-hour / hours) for hour in range(HOURS)]


@pytest.mark.parametrize(("hours", "is_sized"), [(5.0, True), (1e6, False)])
def test_a_cache_that_fills_after_every_start_is_no_leak(hours: float, is_sized: bool) -> None:
    """Four lives of 23 hours. In the later half of each, a cache of 5 hours gains 0.02 of the first hours' rate."""
    changes = [(None, *filling(0.5, hours)[1:]) for _ in range(4)]
    days = [a_day(3 - age, mib=500, oom_kills=1, memory_changes=one) for age, one in enumerate(changes)]
    answer = ask(OOM_KILLED, cluster(TIGHT), usage_of(days=days))[1]
    assert (not hasattr(answer, "reason")) is is_sized


def test_a_limit_range_that_allows_no_more_is_said() -> None:
    most = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "cap", "namespace": "shop"},
        "spec": {"limits": [{"type": "Container", "max": {"memory": "512Mi"}}]},
    }
    assert why_none(OOM_KILLED, cluster(TIGHT, most), KILLED) == "LimitRange cap allows 512Mi of memory at most"


def test_kills_that_no_series_tells_of_are_not_none() -> None:
    unknown = usage_of(days=[a_day(1, oom_kills=None), a_day(oom_kills=None)])
    assert unknown.oom_kills is None
    assert found(OOM_KILLED, cluster(TIGHT), unknown) == []

"""A CPU request and the target of the autoscaler that divides by it, as one change."""

import math
from dataclasses import replace
from typing import Any

import pytest

from advisor.model.proposal import Proposal
from advisor.testing.asking import the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor.whatif.demand import PlayedDemand
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from tests.fakes.demand import a_demand
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, patch_of
from tests.fakes.sizing import the_proposal, why_none
from tests.fakes.usage import a_day, cluster_usage, usage_of

OVER, UNDER = RESOURCES_OVER_PROVISIONED, RESOURCES_UNDER_PROVISIONED
PLAYED = PlayedDemand()
VPA = {
    "apiVersion": "autoscaling.k8s.io/v1",
    "kind": "VerticalPodAutoscaler",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
}


def state(cpu: str = "2", percent: int = 40, *more: dict[str, Any], **limits: str) -> Any:
    resources = {"requests": {"cpu": cpu, "memory": "460Mi"}} | ({"limits": limits} if limits else {})
    return cluster(
        deployment("web", [container(**resources)]), autoscaler("web", "web", metrics=[cpu_target(percent)]), *more
    )


def changes(text: str) -> list[Any]:
    """Of each command, in order."""
    return [patch_of(line)["spec"] for line in text.splitlines()]


def request_of(spec: Any) -> Any:
    return spec["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"]


def percent_of(spec: Any) -> Any:
    return spec["metrics"][0]["resource"]["target"]["averageUtilization"]


def test_a_smaller_request_comes_with_a_higher_target_and_goes_back_in_reverse() -> None:
    """2 cores x 40% = 0.8; a quarter less is 1.5, which no whole percent meets: 50% of 1.6 does, exactly."""
    proposal = the_proposal(OVER, state(), usage_of())
    smaller, higher = changes(proposal.apply)
    assert (request_of(smaller), percent_of(higher)) == ("1600m", 50)
    lower, larger = changes(proposal.undo)
    assert (percent_of(lower), request_of(larger)) == (40, "2")
    assert (proposal.current, proposal.proposed) == (
        "app cpu request 2; HPA web target 40%",
        "app cpu request 1600m; HPA web target 50%",
    )
    assert "HPA web aims at 800m of cpu a pod as before: 50% of 1600m instead of 40% of 2" in proposal.rationale


def test_a_larger_request_comes_after_a_lower_target() -> None:
    """0.5 x 1.15 = 0.575 of 0.4 cores; 0.4 x 80% = 0.32: 55% would be 582m, 56% is no whole one either, 64% is 0.5."""
    lower, larger = changes(the_proposal(UNDER, state("400m", 80), usage_of()).apply)
    assert percent_of(lower) * int(request_of(larger).removesuffix("m")) == 80 * 400
    assert 400 < int(request_of(larger).removesuffix("m")) <= 600


def test_the_pods_of_the_busiest_day_are_the_same_but_for_the_controllers_whole_percents() -> None:
    """At an edge of the tolerance 40% and 50% are rounded to either side of it: a pod for some minutes."""

    def sun(_day: int, minute: int) -> float:
        return 3 + 2 * math.sin(2 * math.pi * minute / 1440)

    demand = a_demand(sun, lambda day, minute: math.ceil(sun(day, minute) / 0.8))
    usage = replace(cluster_usage(usage_of()), demands={demand.key: demand})
    seen = a_snapshot(clusters=[state()], usage=usage)
    proposal = the_proposal_of(OVER, seen, a_context(autoscaler_model=PLAYED, load_classifier=PLAYED))
    assert isinstance(proposal, Proposal)
    told = proposal.rationale.partition("pods by hour of the busiest day, before: ")[2].split(";")
    before, after = ([int(pods) for pods in part.removeprefix(" after: ").split()] for part in told[:2])
    assert len(before) == len(after) == 24
    assert max(before) == 6  # 5 / 0.8 = 6.25, which the tolerance covers
    assert sum(abs(one - other) for one, other in zip(before, after, strict=True)) <= 1
    (plot,) = proposal.plots
    assert [max(filter(None, line.values)) for line in plot.lines] == [6, 6]


@pytest.mark.parametrize(
    ("more", "percent", "reason"),
    [
        ([VPA], 40, "VPA web (Auto) writes its requests"),
        ([autoscaler("web2", "web")], 40, "HPA web divides by the cpu request of app: size and target are one change"),
        ([], 150, "HPA web divides by the cpu request of app: size and target are one change"),
    ],
    ids=["a vertical autoscaler", "two autoscalers", "a target above the request"],
)
def test_what_is_left_alone_stays_alone(more: list[dict[str, Any]], percent: int, reason: str) -> None:
    assert why_none(OVER, state("2", percent, *more), usage_of()) == reason


def test_a_guaranteed_pod_stays_guaranteed() -> None:
    same = {"cpu": "2", "memory": "460Mi"}
    web = deployment("web", [container(requests=same, limits=same)])
    proposal = the_proposal(OVER, cluster(web, autoscaler("web", "web", metrics=[cpu_target(40)])), usage_of())
    sizes = changes(proposal.apply)[0]["template"]["spec"]["containers"][0]["resources"]
    assert sizes["requests"]["cpu"] == sizes["limits"]["cpu"] == "1600m"


def test_a_request_never_goes_below_its_own_aim() -> None:
    """1.3 x 1.15 = 1.495 of 2 cores: 1.6 at 50% is above it; and of 1.74, which is 0.86, nothing is too much."""
    usage = usage_of(days=[a_day(1, cores=1.25), a_day(cores=1.25)])
    smaller, _ = changes(the_proposal(OVER, state(), usage).apply)
    assert int(request_of(smaller).removesuffix("m")) >= 1.25 * 1.15 * 1000

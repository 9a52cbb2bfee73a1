"""Containers that use more than they ask for."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from advisor.model.kubernetes.resources import Amounts
from advisor.model.kubernetes.usage import Runtime
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from tests.fakes.manifests import cluster, container, deployment
from tests.fakes.sizing import ask, found, resources_of, the_proposal, why_none
from tests.fakes.usage import a_day, cluster_usage, flat, usage_of

RULE = RESOURCES_UNDER_PROVISIONED
NARROW = deployment("web", [container(requests={"cpu": "450m", "memory": "256Mi"}, limits={"memory": "512Mi"})])


def quota(**hard: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": "shop"},
        "spec": {"hard": hard},
        "status": {"hard": hard, "used": {"requests.cpu": "1", "requests.memory": "512Mi"}},
    }


def test_it_goes_up_to_its_aim_or_by_the_guides_step() -> None:
    """CPU: 0.5 x 1.05 = 0.525. Memory: 400 x 1.15 = 460 MiB, a step is 384 MiB; the limit holds 400 x 1.2 = 480."""
    proposal = the_proposal(RULE, cluster(NARROW), usage_of())
    assert resources_of(proposal.apply) == {"app": {"requests": {"cpu": "525m", "memory": "384Mi"}}}
    assert "one step of several: the memory of app is aimed at 460Mi" in proposal.doubts


def test_memory_that_comes_near_its_limit_is_raised_before_it_is_killed() -> None:
    """490 of 512 MiB: the limit becomes 490 x 1.2 = 588 MiB."""
    enough = deployment("web", [container(requests={"cpu": "1", "memory": "512Mi"}, limits={"memory": "512Mi"})])
    finding, _ = ask(RULE, cluster(enough), usage_of(days=[a_day(1, mib=490), a_day(mib=490)]))
    assert finding.summary == "Deployment shop/web asks for less than it uses: app (memory)"


def test_an_old_peak_of_memory_counts_less_than_a_new_one() -> None:
    """Eight days with 200 MiB and one with 300: newest 300; six days ago 200 + 100 x 0.5^2 = 225, x 1.15 = 259 MiB."""
    ages = range(8, -1, -1)
    fits = deployment("web", [container(requests={"cpu": "1", "memory": "256Mi"})])
    old = usage_of(days=[a_day(age, mib=300 if age == 6 else 200) for age in ages])
    new = usage_of(days=[a_day(age, mib=300 if age == 0 else 200) for age in ages])
    assert found(RULE, cluster(fits), old) == []
    assert len(found(RULE, cluster(fits), new)) == 1


def test_a_start_up_peak_does_not_make_a_request() -> None:
    fits = deployment("web", [container(requests={"cpu": "600m", "memory": "480Mi"})])
    days = [a_day(1, start_cpu_peak=3.0, start_memory_peak=900 * 1024**2), a_day()]
    assert found(RULE, cluster(fits), usage_of(days=days)) == []


def test_a_rare_peak_of_cpu_does_not_make_a_request() -> None:
    """The 95th percentile counts, not the peak."""
    fits = deployment("web", [container(requests={"cpu": "600m", "memory": "480Mi"})])
    usage = usage_of(days=[a_day(cpu_peak=4.0)], cpu=replace(flat(0.5), peak=4.0))
    assert found(RULE, cluster(fits), usage) == []


def test_the_margin_of_cpu_is_that_of_its_spread_within_bounds() -> None:
    """Of p95 0.5: p99 0.54 as it is; 0.505 is less than 5% more, 0.525; 2.0, of rare bursts, more than 15%: 0.575."""
    aims = []
    for p99 in (0.54, 0.505, 2.0):
        usage = usage_of(days=[a_day(cpu_peak=2.0)], cpu=replace(flat(0.5), p99=p99, peak=2.0))
        aims.append(resources_of(the_proposal(RULE, cluster(NARROW), usage).apply)["app"]["requests"]["cpu"])
    assert aims == ["540m", "525m", "575m"]


def test_what_no_node_has_is_not_proposed() -> None:
    usage = cluster_usage(usage_of(), node=Amounts(cpu_cores=Fraction(1, 2), memory_bytes=1024**3))
    assert why_none(RULE, cluster(NARROW), usage) == ("no node has 525m of cpu: the largest has 500m")


def test_a_quota_without_room_for_pods_and_surge_is_obeyed() -> None:
    """2 pods x 75m more, and one old pod of 450m during the rollout: 600m; 500m are left."""
    state = cluster(NARROW, quota(**{"requests.cpu": "1500m"}))
    asked = "2 pods ask for 600m more while 1 old ones are still there"
    assert why_none(RULE, state, usage_of()) == f"ResourceQuota team has room for 500m of cpu, and {asked}"


def test_a_runtime_that_sizes_itself_by_the_limit_is_a_doubt() -> None:
    near = deployment("web", [container(requests={"cpu": "1", "memory": "420Mi"}, limits={"memory": "420Mi"})])
    proposal = the_proposal(RULE, cluster(near), usage_of(runtimes=frozenset({Runtime.JVM})))
    assert any(doubt.startswith("JVM may size itself by the limit") for doubt in proposal.doubts)


def test_notes_on_the_numbers_are_doubts() -> None:
    usage = cluster_usage(usage_of(), notes=["usage is a recording rule's"])
    assert "usage is a recording rule's" in the_proposal(RULE, cluster(NARROW), usage).doubts


def test_a_rollout_in_progress_is_waited_for() -> None:
    moving = {**NARROW, "metadata": {**NARROW["metadata"], "generation": 3}, "status": {"observedGeneration": 2}}
    assert why_none(RULE, cluster(moving), usage_of()) == "rollout in progress: generation 3 is not observed yet"

"""Targets on memory: what follows the load gets the guide's row, what does not gets another metric."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from advisor.model.finding import Severity
from advisor.model.kubernetes.usage import ContainerUsage, Runtime
from advisor_rules.kubernetes.hpa_memory_target import HPA_MEMORY_TARGET
from advisor_rules.kubernetes.scaling.held import held_pods
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment, hpa, patch_of
from tests.fakes.sizing import ask, found, the_proposal, why_none
from tests.fakes.usage import days_of, usage_of

RULE = HPA_MEMORY_TARGET
REQUESTS = {"cpu": "1", "memory": "1000Mi"}
DAYS = 5


def memory(percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "memory", "target": target}}


def web(*metrics: dict[str, Any], requests: dict[str, str] | None = None, **spec: Any) -> Any:
    return cluster(
        deployment("web", [container(requests=requests or REQUESTS)]), autoscaler("web", "web", metrics=metrics, **spec)
    )


def load(hour: int) -> float:
    """Cores of a pod: 0.2 by night, 0.6 by day."""
    return 0.4 - 0.2 * math.cos(2 * math.pi * hour / 24)


def used(mib: Callable[[int], float], *, noise: float = 4.0, days: int = DAYS, **changes: Any) -> ContainerUsage:
    """mib: of each hour, with noise of so many MiB upon it."""
    chance = random.Random(7)
    hours = range(days * 24)
    return usage_of(days=days_of([mib(h) + chance.gauss(0, noise) for h in hours], [load(h) for h in hours]), **changes)


def flat(mib: float) -> ContainerUsage:
    return used(lambda _: mib)


STABLE = used(lambda h: 450 + 250 * load(h))  # 500 to 600: a quarter of a busy hour's goes with the load
VARIES = used(lambda h: 200 + 1000 * load(h))  # 400 to 800
GROWS = used(lambda h: (100 + 900 * load(h)) * 1.04 ** (h / 24))  # a day 4% above the one before, at every hour
LEAKS = used(lambda h: 400 * 1.3 ** (h / 24))
BATCH = used(lambda h: 700 if h % 7 == 0 else 450)
RATCHET = used(lambda h: 500 if h < 12 else 700)  # what the first busy hour took is kept for good


@pytest.mark.parametrize(("usage", "row"), [(STABLE, 80), (VARIES, 75), (GROWS, 70)])
def test_memory_that_follows_the_load_gets_the_guides_row(usage: ContainerUsage, row: int) -> None:
    finding, _ = ask(RULE, web(memory(90)), usage)
    assert finding.summary.endswith(f"scales at 90% of its memory request, where the guide has {row}%")
    assert "it goes with the load" in finding.cause
    proposal = the_proposal(RULE, web(memory(90), cpu_target(70)), usage)
    assert patch_of(proposal.apply) == {"spec": {"metrics": [memory(row), cpu_target(70)]}}
    assert patch_of(proposal.undo) == {"spec": {"metrics": [memory(90), cpu_target(70)]}}
    assert (proposal.current, proposal.proposed) == ("memory 90%, cpu 70%", f"memory {row}%, cpu 70%")
    assert found(RULE, web(memory(row)), usage) == []


def test_how_many_more_pods_a_lower_target_takes_is_told() -> None:
    """An idle pod holds 20%: (95 - 20) / (75 - 20) = 1.36, so the maximum comes at 73% of the load."""
    (doubt,) = the_proposal(RULE, web(memory(95)), VARIES).doubts
    assert "the same load takes 1.4 times the pods: the maximum of 10 is reached at 73% of the load" in doubt


def test_a_target_that_makes_the_maximum_too_small_is_not_proposed() -> None:
    """2 x 1.36 = 2.7, so 3 pods."""
    assert why_none(RULE, web(memory(95), minReplicas=1, maxReplicas=2), VARIES) == (
        "at 75% the 2 pods of now would be 3, and the maximum is 2: raise it first"
    )


def test_a_row_that_an_idle_pod_passes_is_not_proposed() -> None:
    usage = used(lambda h: 750 + 400 * load(h))  # 830 to 990: the line has 750 at no load
    finding, _ = ask(RULE, web(memory(90)), usage)
    assert "where the guide has 80%" in finding.summary
    assert why_none(RULE, web(memory(90)), usage).startswith("an idle pod holds 75% of the request, and 80% would keep")


def test_a_target_below_what_an_idle_pod_holds_keeps_every_pod() -> None:
    usage = used(lambda h: 750 + 400 * load(h))
    finding, _ = ask(RULE, web(memory(70), cpu_target(60)), usage)
    assert "of which a pod without load takes 75%" in finding.summary
    assert (finding.evidence[0].value, finding.evidence[0].threshold) == (10, 2)
    assert patch_of(the_proposal(RULE, web(memory(70), cpu_target(60)), usage).apply) == {
        "spec": {"metrics": [cpu_target(60)]}
    }


@pytest.mark.parametrize(
    ("usage", "what"),
    [
        (flat(500), "it does not come down when the load does"),
        (BATCH, "it goes up and down, and not with the load"),
        (LEAKS, "it grows without more load, which is a leak"),
        (RATCHET, "it does not come down when the load does"),
    ],
)
def test_memory_that_does_not_follow_the_load_is_no_metric(usage: ContainerUsage, what: str) -> None:
    """CPU takes its place, at the guide's row for a steady load."""
    finding, _ = ask(RULE, web(memory(80)), usage)
    assert finding.summary.endswith("scales at 80% of its memory request, and the memory does not follow the load")
    assert finding.cause.startswith(what)
    proposal = the_proposal(RULE, web(memory(80)), usage)
    assert patch_of(proposal.apply) == {"spec": {"metrics": [cpu_target(70)]}}
    assert patch_of(proposal.undo) == {"spec": {"metrics": [memory(80)]}}
    assert "hpa-custom-metric" in proposal.alternatives[0]


def test_of_a_leak_the_guides_lower_target_is_the_alternative() -> None:
    proposal = the_proposal(RULE, web(memory(80)), LEAKS)
    assert proposal.alternatives[1].startswith("until it is mended, the guide's 70% for growing memory")
    assert (
        "sooner or later it passes any target, and there will be 10 pods" in ask(RULE, web(memory(80)), LEAKS)[0].cause
    )


@pytest.mark.parametrize(
    ("percent", "held"),
    [
        (95, 10),  # 1.19 of the target: up to the maximum
        (84, 10),  # 1.05: within the tolerance, so what there is stays
        (73, 10),  # 0.91 as well
        (64, 4),  # 0.8: 4 x 0.8 = 3.2 is rounded up to 4, 5 x 0.8 = 4 is not
        (60, 3),  # 0.75: 3 x 0.75 = 2.25 is 3 again, 4 x 0.75 = 3
        (40, 2),  # a half: 2 x 0.5 = 1, so none but the minimum
        (10, 2),
    ],
)
def test_the_pods_that_a_constant_utilization_keeps(percent: float, held: int) -> None:
    assert held_pods(percent, 80, hpa(web(memory(80)), "web")) == held


def test_beside_another_metric_it_matters_only_where_it_keeps_pods() -> None:
    both = web(memory(80), cpu_target(60))
    assert found(RULE, both, flat(300)) == []
    finding, _ = ask(RULE, both, flat(640))
    assert finding.severity is Severity.INFO
    assert "rounding up keeps 4 pods, where the minimum is 2" in finding.cause
    assert patch_of(the_proposal(RULE, both, flat(640)).apply) == {"spec": {"metrics": [cpu_target(60)]}}
    stuck, _ = ask(RULE, both, flat(760))
    assert stuck.severity is Severity.WARNING
    assert "pods once added are never taken away" in stuck.cause


def test_a_metric_with_a_selector_of_its_own_is_not_written_back() -> None:
    queue = {
        "type": "Pods",
        "pods": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "5"}},
    }
    proposal = the_proposal(RULE, web(memory(80), queue), flat(900))
    assert proposal.apply == "take memory out of spec.metrics of web, and leave queue 5 a pod"


def test_runtimes_that_keep_what_they_took_are_named() -> None:
    usage = used(lambda h: 500 if h < 12 else 700, runtimes=frozenset({Runtime.JVM}))
    assert "JVM seldom gives back what it once took" in ask(RULE, web(memory(80)), usage)[0].cause


def test_cpu_is_not_proposed_without_a_request_or_where_the_maximum_would_not_do() -> None:
    """2 pods at 0.6 of 0.1 cores are 600%, which wants 2 x 600 / 70 = 17.2, so 18 pods."""
    bare = web(memory(80), requests={"memory": "1000Mi"})
    assert "CPU lacks a request to be a share of (see missing-requests)" in why_none(RULE, bare, flat(500))
    narrow = web(memory(80), requests={"cpu": "100m", "memory": "1000Mi"})
    assert "CPU at 600% of its request would want 18 pods of at most 10" in why_none(RULE, narrow, flat(500))


def test_cpu_that_hardly_moves_is_told_of() -> None:
    """0.6 of 4 cores."""
    wide = web(memory(80), requests={"cpu": "4", "memory": "1000Mi"})
    assert (
        "CPU is at 15% of its request in busy hours, so that 70% adds no pod"
        in the_proposal(RULE, wide, flat(500)).doubts
    )


@pytest.mark.parametrize(
    "usage",
    [
        used(lambda h: 400 + 500 * load(h), days=0),
        usage_of(days=days_of([500.0 + h % 3 for h in range(48)], [0.5] * 48)),  # a load that never moves
        used(lambda h: 500 + 150 * load(h), noise=120.0),  # a sixth, with noise that would hide as much again
        used(lambda h: 400 + 500 * load(h), restarts=99, is_crash_looping=True),
    ],
    ids=["nothing seen", "steady load", "noise", "crash loop"],
)
def test_where_it_cannot_be_told_nothing_is_said(usage: ContainerUsage) -> None:
    assert found(RULE, web(memory(90)), usage) == []


def test_a_container_that_was_not_measured_leaves_the_pod_unknown() -> None:
    two = cluster(
        deployment("web", [container(requests=REQUESTS), container("proxy", requests=REQUESTS)]),
        autoscaler("web", "web", metrics=[memory(90)]),
    )
    assert found(RULE, two, flat(500)) == []


def test_autoscalers_on_cpu_on_values_and_those_left_alone_are_not_asked() -> None:
    amount = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
    }
    for metric in (cpu_target(), amount, memory(150)):
        assert found(RULE, web(metric), flat(900)) == []
    assert found(RULE, web(memory(80), minReplicas=3, maxReplicas=3), flat(900)) == []

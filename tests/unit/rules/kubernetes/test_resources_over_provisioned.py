"""Containers that ask for much more than they use."""

from fractions import Fraction
from typing import Any

import pytest

from advisor.model.kubernetes.resources import Amounts
from advisor.settings.guide import GuideSettings
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from tests.fakes.manifests import autoscaler, cluster, container, deployment, scaled_object
from tests.fakes.sizing import ask, found, resources_of, the_proposal, why_none
from tests.fakes.usage import a_day, cluster_usage, usage_of

RULE = RESOURCES_OVER_PROVISIONED
WIDE = deployment("web", [container(requests={"cpu": "2", "memory": "2Gi"}, limits={"memory": "3Gi"})])


def test_it_goes_down_by_the_guides_step_and_comes_back_whole() -> None:
    """Aim: 0.5 x 1.05 = 0.525 cores, 400 MiB x 1.15; a quarter less is 1.5 cores, 1.5 GiB and 2.25 GiB."""
    finding, _ = ask(RULE, cluster(WIDE), usage_of())
    assert finding.summary == (
        "Deployment shop/web asks for more than it uses: app (cpu 25% used), app (memory 20% used)"
    )
    proposal = the_proposal(RULE, cluster(WIDE), usage_of())
    assert resources_of(proposal.apply) == {
        "app": {"requests": {"cpu": "1500m", "memory": "1536Mi"}, "limits": {"memory": "2304Mi"}}
    }
    assert resources_of(proposal.undo) == {
        "app": {"requests": {"cpu": "2", "memory": "2Gi"}, "limits": {"memory": "3Gi"}}
    }
    assert "one step of several: the cpu of app is aimed at 0.525 cores" in proposal.doubts


def test_a_limit_never_goes_below_what_was_used() -> None:
    """A start-up peak of 2.5 GiB, which the request may leave out: 2.5 x 1.2 = 3 GiB, so the limit stays."""
    days = [a_day(1, start_memory_peak=2.5 * 1024**3), a_day()]
    proposal = the_proposal(RULE, cluster(WIDE), usage_of(days=days))
    assert resources_of(proposal.apply) == {"app": {"requests": {"cpu": "1500m", "memory": "1536Mi"}}}


def test_a_request_that_kedas_autoscaler_divides_by_is_left_to_who_writes_both() -> None:
    """2 cores with a quarter used would go down, with a target to match: KEDA would put the target back."""
    proposal = the_proposal(RULE, cluster(WIDE, scaled_object("mill", "web")), usage_of())
    assert resources_of(proposal.apply) == {"app": {"requests": {"memory": "1536Mi"}, "limits": {"memory": "2304Mi"}}}
    narrow = deployment("web", [container(requests={"cpu": "2", "memory": "480Mi"})])
    assert why_none(RULE, cluster(narrow, scaled_object("mill", "web")), usage_of()) == (
        "KEDA's ScaledObject mill divides by the cpu request of app: size and target are one change"
    )


def test_a_request_that_an_autoscaler_divides_by_is_no_proposal_alone() -> None:
    """1009 is prime: 1009m x 70% is no other request with another whole percent within the step."""
    narrow = deployment("web", [container(requests={"cpu": "1009m", "memory": "480Mi"})])
    state = cluster(narrow, autoscaler("web", "web"))
    assert why_none(RULE, state, usage_of()) == (
        "HPA web divides by the cpu request of app: size and target are one change, "
        "and no whole percent up to 95 keeps their product"
    )


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (
            usage_of(days=[a_day(age, growth_a_day=0.3) for age in (3, 2, 1, 0)]),
            "the memory of app grows by 30% a day without more load: a leak is mended, not sized",
        ),
        (usage_of(restarts=40, is_crash_looping=True), "app restarts again and again (40 times in a day)"),
        (
            usage_of(days=[a_day(1, coverage=0.3), a_day(coverage=0.3)]),
            "only 30% of the time has a value",
        ),
    ],
)
def test_what_its_numbers_say_against_a_size_is_said(usage: object, reason: str) -> None:
    assert why_none(RULE, cluster(WIDE), usage) == reason  # type: ignore[arg-type]


def test_what_an_operator_sizes_is_left_to_it() -> None:
    def entry(manager: str, fields: dict[str, Any]) -> dict[str, Any]:
        spec = {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': fields}}}}
        return {"manager": manager, "operation": "Apply", "fieldsV1": {"f:spec": spec}}

    sizes: dict[str, Any] = {"f:name": {}, "f:resources": {"f:limits": {"f:memory": {}}}}
    managers = [entry("helm", {"f:image": {}}), entry("autosizer", sizes)]
    state = cluster({**WIDE, "metadata": {**WIDE["metadata"], "managedFields": managers}})
    assert why_none(RULE, state, usage_of()) == (
        "field manager autosizer writes the sizes of app, which others made: set them there"
    )


def test_too_few_hours_find_nothing() -> None:
    day = a_day(memory_hours=(400.0 * 1024**2,) * 11 + (None,) * 13)
    assert found(RULE, cluster(WIDE), usage_of(days=[day])) == []


def test_what_is_right_within_the_margins_is_left_alone() -> None:
    """0.525 of 0.6 cores and 460 of 480 MiB."""
    fits = deployment("web", [container(requests={"cpu": "600m", "memory": "480Mi"})])
    assert found(RULE, cluster(fits), usage_of()) == []


def test_guaranteed_stays_guaranteed() -> None:
    same = {"cpu": "2", "memory": "2Gi"}
    proposal = the_proposal(RULE, cluster(deployment("web", [container(requests=same, limits=same)])), usage_of())
    (sizes,) = resources_of(proposal.apply).values()
    assert sizes["requests"] == sizes["limits"] == {"cpu": "1500m", "memory": "1536Mi"}


def test_what_it_saves_is_told_where_a_price_is_set() -> None:
    """2 pods: half a core at 20 and half a GiB at 4 less for each: 2 x (10 + 2)."""
    guide = GuideSettings.model_validate(
        {"kubernetes": {"sizing": {"price_core_month": 20, "price_gib_month": 4, "currency": "EUR"}}}
    )
    assert "saves 24.00 EUR a month for 2 pods" in the_proposal(RULE, cluster(WIDE), usage_of(), guide=guide).rationale


def test_a_limit_range_is_the_least_that_is_proposed() -> None:
    least = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "floor", "namespace": "shop"},
        "spec": {"limits": [{"type": "Container", "min": {"cpu": "1800m"}}]},
    }
    (sizes,) = resources_of(the_proposal(RULE, cluster(WIDE, least), usage_of()).apply).values()
    assert sizes["requests"]["cpu"] == "1800m"


def test_the_vertical_autoscalers_word_stands_beside_ours() -> None:
    vpa = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {"updateMode": "Off"},
        },
        "status": {
            "recommendation": {"containerRecommendations": [{"containerName": "app", "target": {"cpu": "600m"}}]}
        },
    }
    proposal = the_proposal(RULE, cluster(WIDE, vpa), usage_of())
    assert proposal.alternatives == ("VPA web recommends requests of app cpu 600m",)


def test_less_needs_no_room() -> None:
    tiny = cluster_usage(usage_of(), node=Amounts(cpu_cores=Fraction(1), memory_bytes=1024**3))
    assert the_proposal(RULE, cluster(WIDE), tiny).proposed

"""Containers that were killed at their memory limit."""

from advisor.model.finding import Severity
from advisor_rules.kubernetes.oom_killed import OOM_KILLED
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from tests.fakes.manifests import cluster, container, deployment
from tests.fakes.sizing import ask, found, resources_of, the_proposal, why_none
from tests.fakes.usage import a_day, usage_of

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

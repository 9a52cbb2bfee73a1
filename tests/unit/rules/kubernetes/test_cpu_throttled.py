"""Containers that their CPU limit stops in their busy hours."""

from advisor_rules.kubernetes.cpu_throttled import CPU_THROTTLED
from tests.fakes.manifests import autoscaler, cluster, container, deployment
from tests.fakes.sizing import ask, found, resources_of, the_proposal
from tests.fakes.usage import a_day, usage_of

QUIET_NIGHT = (0.0,) * 20 + (0.6,) * 4
"""Of two days the busiest tenth are five hours, and all of them at 60%."""
STOPPED = usage_of(days=[a_day(1, throttled_hours=QUIET_NIGHT), a_day(throttled_hours=QUIET_NIGHT)])
LIMITED = deployment("web", [container(requests={"cpu": "600m", "memory": "480Mi"}, limits={"cpu": "800m"})])


def test_a_quiet_night_does_not_hide_a_busy_day() -> None:
    """800m and the guide's step: 1200m. The request, 0.5 x 1.15, is right and stays."""
    finding, _ = ask(CPU_THROTTLED, cluster(LIMITED), STOPPED)
    assert finding.summary == "Deployment shop/web is throttled in 60% of the periods of its busy hours: app"
    proposal = the_proposal(CPU_THROTTLED, cluster(LIMITED), STOPPED)
    assert resources_of(proposal.apply) == {"app": {"limits": {"cpu": "1200m"}}}


def test_an_autoscaler_that_divides_by_the_request_keeps_the_limit_free() -> None:
    state = cluster(LIMITED, autoscaler("web", "web"))
    proposal = the_proposal(CPU_THROTTLED, state, STOPPED)
    assert resources_of(proposal.apply) == {"app": {"limits": {"cpu": "1200m"}}}
    assert "HPA web divides by the cpu request, which stays: request and target are one change" in proposal.doubts


def test_one_bad_hour_after_a_release_is_no_habit() -> None:
    once = a_day(throttled_hours=(1.0,) + (0.0,) * 23)
    assert found(CPU_THROTTLED, cluster(LIMITED), usage_of(days=[a_day(1, throttled_hours=(0.0,) * 24), once])) == []


def test_without_a_limit_nothing_can_be_throttled() -> None:
    free = deployment("web", [container(requests={"cpu": "600m", "memory": "480Mi"})])
    assert found(CPU_THROTTLED, cluster(free), STOPPED) == []

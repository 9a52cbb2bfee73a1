"""Which proposals about a cluster may be carried out, and what judges them."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.knobs.kubernetes.edit import size_edits
from advisor.model.change import State
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import Proposal
from advisor.testing.snapshots import a_context, a_snapshot, signals
from advisor.testing.words import a_change
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment
from tests.fakes.usage import cluster_usage, usage_of

SLO = {"http.requests_per_second": 100, "http.p95_seconds": 0.2, "http.error_ratio": 0.0}
WIDE = deployment("web", [container(requests={"cpu": "2", "memory": "460Mi"})])


def proposed(state: ClusterState, values: dict[str, float], app: str = "web", *, writes: bool = True) -> Proposal:
    context = replace(a_context(), changes_clusters=writes)
    seen = a_snapshot(signals(values, app=app), clusters=[state], usage=cluster_usage(usage_of()))
    (finding,) = RESOURCES_OVER_PROVISIONED.diagnose(seen, context)
    (found,) = RESOURCES_OVER_PROVISIONED.propose(finding, seen, context)
    return found


def live(*objects: dict[str, Any]) -> ClusterState:
    return replace(cluster(*objects), is_live=True)


def test_with_its_own_latency_and_errors_it_may_be_carried_out() -> None:
    """A quarter of 2 cores is saved, at the price of overload: 0.25 / 10."""
    found = proposed(live(WIDE), SLO)
    assert (found.automatic, found.app) == (True, "web")
    assert str(found.goal.signal) == "deployment.requested_cores{deployment=web,namespace=shop}"
    assert found.gain_seconds_per_second == pytest.approx(0.025)
    assert found.exact == ("app cpu request 2", "app cpu request 1500m")


def test_the_knob_takes_what_the_rule_gives_it() -> None:
    found = proposed(live(WIDE, autoscaler("web", "web", metrics=[cpu_target(40)])), SLO)
    order = a_change(State.APPLYING, proposal=found).order(epoch=1, hold_until=None)
    moved = [(edit.name, field.label, field.old, field.new) for edit in size_edits(order) for field in edit.fields]
    assert moved == [("web", "app requests.cpu", "2", "1600m"), ("web", "target of HPA web", 40, 50)]


def test_where_nothing_may_write_it_is_advice() -> None:
    assert not proposed(live(WIDE), SLO, writes=False).automatic


ARGO = {"annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web"}}
BY_HAND = {**WIDE, "spec": {**WIDE["spec"], "paused": True}}


def test_what_argo_cd_brings_from_git_may_be_carried_out_where_a_change_is_a_commit() -> None:
    tracked = live({**WIDE, "metadata": {**WIDE["metadata"], **ARGO}})
    assert proposed(replace(tracked, is_from_git=True), SLO).automatic


@pytest.mark.parametrize(
    ("state", "values", "app"),
    [
        (cluster(WIDE), SLO, "web"),  # manifests: there is no live value
        (live(WIDE), SLO, "other"),  # nobody's metrics are these pods'
        (live(WIDE), {**SLO, "http.error_ratio": None}, "web"),
        (live({**WIDE, "metadata": {**WIDE["metadata"], **ARGO}}), SLO, "web"),
        (live(BY_HAND), SLO, "web"),
    ],
)
def test_what_nobody_could_judge_or_would_take_stays_advice(
    state: ClusterState, values: dict[str, float], app: str
) -> None:
    found = proposed(state, values, app)
    assert (found.automatic, found.exact) == (False, None)

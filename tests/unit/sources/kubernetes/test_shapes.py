"""Odd but legal objects, each read with its right value."""

from fractions import Fraction
from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import DEFAULT_DOWN, DEFAULT_UP, SelectPolicy
from advisor.model.kubernetes.container import QosClass
from advisor.model.kubernetes.resources import Amounts, ResourceName
from advisor.model.kubernetes.workload import Reconciler, StrayReason
from advisor.model.snapshot import Snapshot
from advisor.surfaces.views.workload import workload_views
from advisor.testing.snapshots import a_snapshot
from tests.fakes.kubernetes_shapes import CASES, shape
from tests.fakes.manifests import cluster, container, deployment, hpa, workload

MI = 1024**2
CPU, MEMORY = ResourceName.CPU, ResourceName.MEMORY


def notes(seen: Snapshot, name: str) -> str:
    (found,) = (one for one in workload_views(seen) if one.name == name)
    return "; ".join(found.notes)


@pytest.mark.parametrize("case", sorted(CASES.keys() - {"k31"}))
def test_every_case_is_read_whole(case: str) -> None:
    assert shape(case).skipped == ()


def test_metrics_that_are_divided_by_no_request_are_told_apart() -> None:
    """k02: 2k requests a second for all pods, 30.5 a pod."""
    ticketer = hpa(shape("k02"), "ticketer")
    assert (ticketer.min_replicas, ticketer.max_replicas) == (1, 8)
    assert [(one.target.value, one.value, one.divides_by) for one in ticketer.metrics] == [
        ("Value", 2000, None),
        ("AverageValue", Fraction(61, 2), None),
    ]


def test_a_minimum_of_nothing_and_no_behavior_at_all() -> None:
    """k03 and k04."""
    assert (hpa(shape("k03"), "courier").may_sleep, hpa(shape("k03"), "courier").metrics[0].value) == (True, 1500)
    bindery = hpa(shape("k04"), "bindery")
    assert (bindery.min_replicas, bindery.up, bindery.down) == (1, DEFAULT_UP, DEFAULT_DOWN)


def test_a_closed_half_and_two_that_fight() -> None:
    """k05 and k06."""
    assert hpa(shape("k05"), "foundry").down.select is SelectPolicy.DISABLED
    state = shape("k06")
    assert [one.meta.name for one in state.rivals_of(state.hpas[0])] == ["tannery-up", "tannery-down"]


def test_kedas_is_known_by_its_owner() -> None:
    assert hpa(shape("k07"), "keda-hpa-mill").scaled_object == "mill"


def test_a_target_of_an_unknown_kind_is_not_its_namesake() -> None:
    state = shape("k09")
    assert state.target_of(hpa(state, "raft")) is None
    assert hpa(state, "raft").unread_target.startswith("target FleetGame/raft")


def test_quantities_are_values_and_never_texts() -> None:
    """k11: every way to write a number."""
    (scales,) = shape("k11").workloads
    requests = [one.resources.requests for one in scales.template.containers]
    assert [one.cpu_cores for one in requests] == [1000, Fraction(1, 2), Fraction(1, 10), 1, 2000, Fraction(1, 50)]
    assert [one.memory_bytes for one in requests] == [1000, 129_000_000, 1_610_612_736, 1, 1_500_000_000, 134_217_728]


@pytest.mark.parametrize(
    ("case", "name", "of_pod", "divisor"),
    [
        ("k12", "atlas", (Fraction(2), 1024 * MI), (Fraction(3, 10), 320 * MI)),  # max(2, 0.3); max(1Gi, 320Mi)
        ("k13", "beacon", (Fraction(1), 256 * MI), (Fraction(1), 256 * MI)),  # 400m + 600m
        ("k15", "orchard", (Fraction(2), 1024 * MI), (Fraction(2), 1024 * MI)),  # the pod's own
        ("k16", "sentry", (Fraction(1), 512 * MI), (Fraction(1), 512 * MI)),  # from its limits
        ("k17", "kettle", (Fraction(1, 10), 128 * MI), (Fraction(1, 10), 128 * MI)),  # from LimitRange house
        ("k18", "cooper", (None, 1280 * MI), (None, 1280 * MI)),
        ("k29", "oracle", (Fraction(8), 32768 * MI), (Fraction(8), 32768 * MI)),
    ],
)
def test_what_the_scheduler_sets_aside_and_what_an_autoscaler_divides_by(
    case: str, name: str, of_pod: tuple[Any, Any], divisor: tuple[Any, Any]
) -> None:
    template = workload(shape(case), name).template
    assert template.request() == Amounts(cpu_cores=of_pod[0], memory_bytes=of_pod[1])
    assert template.running_request() == Amounts(cpu_cores=divisor[0], memory_bytes=divisor[1])


@pytest.mark.parametrize(
    ("case", "name", "qos"),
    [
        ("k15", "orchard", QosClass.GUARANTEED),
        ("k16", "sentry", QosClass.GUARANTEED),
        ("k17", "kettle", QosClass.BURSTABLE),
        ("k34", "quill", QosClass.BEST_EFFORT),
    ],
)
def test_the_class_is_that_of_the_server(case: str, name: str, qos: QosClass) -> None:
    assert workload(shape(case), name).template.qos is qos


def test_an_injected_container_is_named_though_its_deployment_is_not_there() -> None:
    """k14: the ReplicaSet is not the last owner, and what is above it is not among the manifests."""
    state = shape("k14")
    assert state.stray[0].reason is StrayReason.OWNER_UNKNOWN
    told = notes(a_snapshot(clusters=[state]), "pier-7d9c5b6f4-x2x7k")
    assert told == "its owner is not there: Deployment pier; mesh is injected, not in the template"


def test_a_limit_range_says_beforehand_what_admission_refuses() -> None:
    """k18: 1Gi is 3.4 times 300Mi; 1.5Gi beside 768Mi are 2304Mi, and a pod may have 2Gi."""
    (strict,) = shape("k18").limit_ranges

    def refused(big: dict[str, str]) -> str:
        small = container("small", requests={"memory": "768Mi"}, limits={"memory": "768Mi"})
        limits = {"memory": big["limit"]}
        both = [container("big", requests={"memory": big["request"]}, limits=limits), small]
        changed = deployment("cooper", both)
        return "; ".join(strict.refusals(workload(cluster(changed), "cooper").template))

    assert refused({"request": "512Mi", "limit": "1Gi"}) == ""
    assert refused({"request": "300Mi", "limit": "1Gi"}) == (
        "LimitRange strict: big has a limit of memory 3.4 times its request, maxLimitRequestRatio 2"
    )
    said = refused({"request": "1536Mi", "limit": "1536Mi"})
    assert "LimitRange strict: requests of a pod 2304Mi of memory, max 2Gi of type Pod" in said


def test_a_quota_knows_its_room_and_the_rollout_its_surge() -> None:
    """k19: 4608Mi - 3Gi = 1536Mi; one pod more than the three."""
    state = shape("k19")
    (purse,) = state.quotas
    assert (purse.room(MEMORY), purse.room(CPU)) == (1536 * MI, None)
    assert workload(state, "miser").rollout.surge.of(3) == 1


@pytest.mark.parametrize(
    ("case", "name", "said"),
    [
        ("k20", "vault", "OnDelete: each pod must be deleted by hand"),
        ("k21", "sundial", "paused: a patch would wait and then go out with somebody else's change"),
        ("k22", "ferry", "rollout in progress: generation 8 is not observed yet"),
        ("k23", "arbor", "its template stands in Deployment arbor"),
        ("k24", "sweeper", "a change takes effect at the next run"),
        ("k25", "hermit", "it has no owner: recreate it by hand"),
        ("k25", "gatekeeper-node-3", "its source is a file on the node"),
        ("k30", "anvil", "PodDisruptionBudget never allows no eviction; PodDisruptionBudget everything allows none"),
        ("k34", "quill", "the next helm upgrade of desk ends a live value"),
        ("k35", "dormouse", "switched off"),
    ],
)
def test_what_speaks_against_a_live_change_is_noted(case: str, name: str, said: str) -> None:
    assert said.replace("allows none", "allows no eviction") in notes(a_snapshot(clusters=[shape(case)]), name)


def test_a_rollout_with_a_lent_template_is_one_workload_and_the_autoscalers_target() -> None:
    state = shape("k23")
    (arbor,) = state.workloads
    assert (arbor.meta.kind, arbor.edited.kind, str(arbor.template.request())) == (
        "Rollout",
        "Deployment",
        "cpu 400m, memory 300Mi",
    )
    assert state.target_of(hpa(state, "arbor")) is arbor


def test_pods_of_an_owner_that_is_gone_are_nobodys() -> None:
    """k26: a ReplicaSet of a Deployment whose uid is another's; a pod whose ReplicaSet is not there."""
    state = shape("k26")
    assert workload(state, "smithy").pods == ()
    assert [(one.reason, str(one.owner)) for one in state.stray] == [
        (StrayReason.OWNER_UNKNOWN, "ReplicaSet smithy-55555")
    ]


def test_names_within_names_and_names_of_sixty_three_characters() -> None:
    """k27 and k28."""
    assert {one.meta.name: str(one.template.request()) for one in shape("k27").workloads} == {
        "ledger": "cpu 100m, memory 100Mi",
        "ledger-api": "cpu 2, memory 4Gi",
        "ledger-api-0x": "cpu 1, memory 1Gi",
    }
    (fox,) = shape("k28").workloads
    assert (len(fox.meta.name), [one.meta.name[-6:] for one in fox.pods]) == (63, ["-x7k2p"])


def test_two_budgets_cover_one_pod_and_neither_lets_it_go() -> None:
    state = shape("k30")
    budgets = state.disruption_budgets_of(workload(state, "anvil"))
    assert [(one.name, one.never_allows_any(1)) for one in budgets] == [
        ("never", True),
        ("everything", True),
    ]


def test_a_namespace_that_goes_is_marked() -> None:
    inside = deployment("web", [container()])
    inside["metadata"]["namespace"] = "k31"
    assert shape("k31", inside).going == {"k31"}


def test_who_writes_an_object_again_is_told_by_its_own_marks() -> None:
    """k32 to k34 and k36: Helm's instance label is not Argo CD; IfNotPresent lets go; kubectl is nobody."""
    seen = {
        one.meta.name: one.meta.reconciler
        for case in ("k32", "k33", "k34", "k36")
        for one in (*shape(case).workloads, *shape(case).hpas)
    }
    assert seen == {
        "lantern": Reconciler.ARGO_CD,
        "candle": Reconciler.HELM,
        "tide": Reconciler.FLUX,
        "ebb": Reconciler.NOBODY,
        "quill": Reconciler.HELM,
        "cobbler": Reconciler.NOBODY,
    }


def test_the_controllers_own_reason_is_shown() -> None:
    """k35: ScalingDisabled, as its target has 0 replicas."""
    (dormouse,) = workload_views(a_snapshot(clusters=[shape("k35")]))
    assert dormouse.autoscalers == ("dormouse: 2 to 4 by cpu 70%, inactive: ScalingDisabled",)

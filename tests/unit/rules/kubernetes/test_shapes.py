"""What the rules say of odd but legal objects: the right thing, or nothing."""

import pytest

from tests.fakes.kubernetes_shapes import findings_of, offers_of, shape
from tests.fakes.manifests import patch_of

HANDS_OFF = "hpa-hands-off"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("k01", "60% of the cpu request of app alone: the two are one change"),
        ("k03", "minReplicas is 0, on purpose"),
        ("k05", "somebody set selectPolicy Disabled, so it never takes a pod away; only a person opens that again"),
        ("k06", "tannery-down and tannery-up scale Deployment tannery"),
        ("k07", "change ScaledObject k07/mill (minReplicaCount, maxReplicaCount, advanced.horizontalPodAutoscaler"),
        ("k08", "150% of the memory request of 512Mi is 768Mi a pod, not a share of the limit"),
        ("k09", "target FleetGame/raft is of a kind that only a server can tell of"),
        ("k10", "VPA loom (Auto) writes the cpu request that it divides by; it recommends loom cpu 23m, memory 12"),
        ("k35", "Deployment dormouse has 0 replicas, so the controller leaves it alone; one replica would wake it"),
    ],
)
def test_an_autoscaler_is_left_alone_because(case: str, said: str) -> None:
    state = shape(case)
    assert said in findings_of(state)[HANDS_OFF].cause
    proposals, reasons = offers_of(state)
    assert not any(proposal.target.knob == "k8s.hpa" for proposal in proposals)
    assert any(reason.startswith("hands off, because ") for reason in reasons)


def test_object_and_pods_metrics_leave_the_request_to_itself() -> None:
    """k02: no autoscaler is blind; the pods are BestEffort, and their request is one proposal that moves no replica."""
    state = shape("k02")
    assert set(findings_of(state)) == {HANDS_OFF, "qos-best-effort"}
    assert "it scales on Object requests_per_second, Pods queue_depth" in findings_of(state)[HANDS_OFF].cause
    ((proposal,), _) = offers_of(state)
    assert not any("then scales at" in doubt for doubt in proposal.doubts)


@pytest.mark.parametrize(
    "case",
    ["k04", "k12", "k13", "k15", "k16", "k17", "k20", "k21", "k22", "k23", "k24", "k27", "k28", "k29", "k30"],
)
def test_what_is_in_order_gets_no_advice(case: str) -> None:
    """Where a manifest has no target of an autoscaler, that alone is said."""
    assert set(findings_of(shape(case))) <= {HANDS_OFF}
    assert offers_of(shape(case))[0] == []


def test_amounts_that_nobody_means_are_told() -> None:
    """k11: 1000 cores, 1000 bytes, 2000 cores, a tenth of a byte; 129M is one number."""
    summary = findings_of(shape("k11"))["implausible-quantity"].summary
    for said in ("a: 1000 cores", "a: 1000 bytes", "d: memory of a byte or less", "e: 2000 cores"):
        assert said in summary
    assert "129" not in summary


def test_cores_without_a_request_are_patched_and_gpus_stay_as_they_are() -> None:
    """k18 lacks cpu alone; a patch names nothing else."""
    ((proposal,), _) = offers_of(shape("k18"))
    containers = patch_of(proposal.apply)["spec"]["template"]["spec"]["containers"]
    assert [one["resources"] for one in containers] == [{"requests": {"cpu": "500m"}}] * 2


def test_a_mirror_pod_is_never_written() -> None:
    """k25: it lacks memory, and only a file on its node can say so."""
    proposals, reasons = offers_of(shape("k25"))
    assert proposals == []
    assert reasons == ["a file on its node makes it: only that file can be changed"]


def test_what_argo_cd_keeps_is_committed_and_what_helm_made_is_warned_of() -> None:
    """k32: both lack memory."""
    proposals, _ = offers_of(shape("k32"))
    by_name = {proposal.target.get("name"): proposal for proposal in proposals}
    assert by_name["lantern"].apply.startswith("# commit this change:")
    assert by_name["candle"].apply.startswith("kubectl")
    assert any("helm upgrade of lights" in doubt for doubt in by_name["candle"].doubts)

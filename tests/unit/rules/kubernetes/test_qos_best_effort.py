"""Pods that ask for nothing at all."""

from advisor.testing.asking import finding_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from advisor_rules.kubernetes.qos_best_effort import QOS_BEST_EFFORT
from tests.fakes.manifests import cluster, container, deployment


def test_pods_without_any_request_or_limit_are_found_once() -> None:
    seen = a_snapshot(clusters=[cluster(deployment("web", [container("web"), container("log")]))])
    assert "web (cpu and memory), log (cpu and memory)" in the_finding(QOS_BEST_EFFORT, seen, a_context()).summary
    assert finding_of(MISSING_REQUESTS, seen, a_context()) is None
    proposal = the_proposal_of(QOS_BEST_EFFORT, seen, a_context())
    assert proposal.proposed == "web cpu 500m, memory 512Mi; log cpu 500m, memory 512Mi"
    assert not proposal.automatic


def test_a_request_of_nothing_is_none_and_a_single_limit_is_enough() -> None:
    zero = deployment("zero", [container(requests={"cpu": "0"})])
    seen = a_snapshot(clusters=[cluster(zero, deployment("limited", [container(limits={"memory": "1Gi"})]))])
    assert the_finding(QOS_BEST_EFFORT, seen, a_context()).subject.name == "zero"

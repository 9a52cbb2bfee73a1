"""The metrics of an autoscaler as a proposal: its whole list, the new one and the old one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from advisor.model.finding import Finding
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import Goal, Prediction, Proposal
from advisor.model.signal import signal
from advisor_rules.advice import advice
from advisor_rules.kubernetes.objects.patch import patch
from advisor_rules.kubernetes.objects.subject import part_of
from advisor_rules.kubernetes.scaling.metrics import MetricsChange, are_whole, shown, written


def metrics_proposal(finding: Finding, cluster: ClusterState, hpa: Hpa, change: MetricsChange) -> Sequence[Proposal]:
    """A merge replaces a list as a whole, so it names every metric. Those with selectors of their own are left to a
    person: what was read of them is not all that they say."""
    watched = signal(change.metric, cluster=cluster.name, namespace=hpa.meta.namespace, hpa=hpa.meta.name)
    apply, undo = change.words, f"put the metrics of {hpa.meta.name} back: {shown(hpa.metrics)}"
    if hpa.tells_kinds and are_whole(hpa.metrics):
        lists = [{"spec": {"metrics": list(map(written, one))}} for one in (change.metrics, hpa.metrics)]
        text = patch(cluster, hpa.meta, replace(hpa.meta.ref, api_version="autoscaling/v2"), lists)
        apply, undo = text.apply, text.undo
    base = advice(finding, change="k8s.hpa", what=change.before + apply, rationale=change.rationale, metric=watched)
    value = change.expected
    return (
        replace(
            base,
            target=part_of(cluster, hpa, "metrics"),
            current=shown(hpa.metrics),
            proposed=shown(change.metrics),
            risk=change.risk,
            goal=Goal(signal=watched, better=change.better, minimum_gain_ratio=0.0),
            prediction=Prediction(
                signal=watched, unit=change.unit, low=value, expected=value, high=value, model="hpa-metrics"
            ),
            undo=undo,
            doubts=tuple(_doubts(hpa, change)),
            alternatives=tuple(change.alternatives),
        ),
    )


def _doubts(hpa: Hpa, change: MetricsChange) -> Iterator[str]:
    yield from change.doubts
    if hpa.meta.reconciler_note:
        yield hpa.meta.reconciler_note

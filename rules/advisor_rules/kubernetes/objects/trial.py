"""Which proposals about a cluster can be carried out and judged, and by what their effect is measured. Pure."""

from dataclasses import dataclass, replace

from advisor.model.finding import KnobValue
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Meta, Reconciler, Workload
from advisor.model.proposal import Better, Goal, Proposal
from advisor.model.signal import SignalKey, signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor_rules.application_workloads import workloads_of

REQUESTS = "http.requests_per_second"
_LATENCY, _ERRORS = "http.p95_seconds", "http.error_ratio"
_ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """gain: waiting saved, in seconds per second, as far as it can be told; above 0.

    saves: the signal that falls where pods or requests are saved; None where callers are to be served faster.
    """

    gain: float
    saves: SignalKey | None = None


def app_of(cluster: ClusterState, workload: Workload | None, snapshot: Snapshot, context: RuleContext) -> str:
    """The one application that this workload runs and no other does, so that its metrics are of these pods; or ""."""
    if workload is None:
        return ""
    found = []
    for app in snapshot.label_values(REQUESTS, "app"):
        joined = [(one.name, other.meta.place) for one, other in workloads_of(app, snapshot, context)]
        if (cluster.name, workload.meta.place) in joined:
            found.append(app if len(joined) == 1 else "")
    return found[0] if len(found) == 1 else ""


def tried(
    proposal: Proposal,
    where: tuple[ClusterState, Workload | None, Meta],
    exact: tuple[KnobValue, KnobValue] | None,
    worth: Worth,
    why: tuple[Snapshot, RuleContext],
) -> Proposal:
    """`proposal` as one that may be carried out and judged by its application's own latency and errors.

    It stays advice for a person where nobody would see its effect, where a live value is not ours to move, or where no
    pod would take it. exact: the old and the new value as the knob takes them; None for words. where: the workload, and
    the object that is changed.
    """
    (cluster, workload, changed), (snapshot, context) = where, why
    app = app_of(cluster, workload, snapshot, context)
    is_seen = app and all(snapshot.value(name, app=app) is not None for name in (_LATENCY, _ERRORS))
    if workload is None or not (context.changes_clusters and cluster.is_live and is_seen):
        return proposal
    # Who reconciles from git brings a commit there; what an operator writes stands in no manifest.
    is_ours = (cluster.is_from_git or changed.reconciler is Reconciler.NOBODY) and changed.owner is None
    if not is_ours or workload.meta.kind not in _ROLLED_OUT or workload.rollout.waits_for:
        return proposal
    goal = Goal(signal=worth.saves or signal(_LATENCY, app=app), better=Better.LOWER, minimum_gain_ratio=0.0)
    gain = max(worth.gain, 0.0)
    return replace(proposal, automatic=True, app=app, goal=goal, gain_seconds_per_second=gain, exact=exact)


def saved_by(name: str, workload: Workload) -> SignalKey | None:
    """A signal of a Deployment; None of other kinds, which have no such metric."""
    if workload.meta.kind != "Deployment":
        return None
    return signal(name, namespace=workload.meta.namespace, deployment=workload.meta.name)

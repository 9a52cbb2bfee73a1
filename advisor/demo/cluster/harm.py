"""Sizes that are cut far too low, as somebody might order it who looked at a quiet hour."""

from datetime import datetime

from advisor.demo.cluster.configuration import trial
from advisor.demo.cluster.workload import APP, CLUSTER, CONTAINER, LIMIT_CORES, NAMESPACE, REQUEST_CORES, millicores
from advisor.demo.harm import RULE, order
from advisor.journal.repository import SqlJournal
from advisor.model.change import ChangeRecord
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.settings.trial import TrialSettings

_TOO_LITTLE_CORES = 0.08
"""Even the most pods that the autoscaler may have cannot serve the load with it."""
_SAVED = 0.5


def propose_harm(journal: SqlJournal, now: datetime) -> ChangeRecord:
    """Journal it, approved. The daemon takes it up by itself."""
    requested = signal("deployment.requested_cores", namespace=NAMESPACE, deployment=APP)
    old, new = (_sizes(*cores) for cores in ((REQUEST_CORES, LIMIT_CORES), (_TOO_LITTLE_CORES, _TOO_LITTLE_CORES)))
    proposal = Proposal(
        finding=f"{RULE}/{APP}",
        rule=RULE,
        target=knob_target("k8s.resources", cluster=CLUSTER, namespace=NAMESPACE, kind="deployment.apps", name=APP),
        current=old,
        proposed=new,
        unit="",
        rationale="somebody was sure that the pods hardly use what they are given",
        risk=Risk.HIGH,
        prediction=Prediction(signal=requested, unit="cores", low=0.0, expected=1.0, high=2.0, model="hearsay"),
        goal=Goal(signal=requested, better=Better.LOWER, minimum_gain_ratio=_SAVED),
        gain_seconds_per_second=0.0,
        app=APP,
        apply=f"kubectl -n {NAMESPACE} set resources deployment/{APP} with {new}",
        undo=f"kubectl -n {NAMESPACE} rollout undo deployment/{APP}",
        exact=(old, new),
    )
    return order(journal, proposal, TrialSettings.model_validate(trial()), now)


def _sizes(request: float, limit: float) -> str:
    return f"{CONTAINER} cpu request {millicores(request)} limit {millicores(limit)}"

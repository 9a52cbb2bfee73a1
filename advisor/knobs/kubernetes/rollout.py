"""A new template on its way to the pods: whether it may begin, how far it is, and whether it is stuck."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from advisor.knobs.kubernetes.place import find
from advisor.knobs.kubernetes.quota import may_count
from advisor.knobs.kubernetes.writing import ObjectWriter, Seen
from advisor.model.knob import KnobState, KnobStatus
from advisor.model.kubernetes.kinds import PDB, QUOTA
from advisor.model.kubernetes.quantity import parse_quantity

_QUARTER = "25%"


def rollout_of(kind: str, document: Mapping[str, Any], status: KnobStatus) -> KnobStatus:
    """`status` of a template that is written: PENDING until every pod has it and is ready, REMAINS where that fails."""
    if stuck := _stuck(document):
        return replace(status, kind=KnobState.REMAINS, detail=f"the rollout does not go on: {stuck}")
    waits = _unfinished(kind, document)
    return replace(status, kind=KnobState.PENDING, detail=waits) if waits else status


def no_moment(seen: Seen, writer: ObjectWriter) -> str:
    """Why a change of this object does not begin now; "" where nothing speaks against it."""
    if seen.document is None or not seen.edit.is_template:
        return ""
    kind = seen.edit.kind.name
    return next(
        filter(
            None,
            (
                _stays(kind, seen.document),
                _stuck(seen.document),
                _unfinished(kind, seen.document),
                *_beyond_quotas(seen, writer),
                *_budgets(seen, writer),
            ),
        ),
        "",
    )


def _stays(kind: str, document: Mapping[str, Any]) -> str:
    """Why pods would keep the old template."""
    spec = document.get("spec", {})
    if spec.get("paused"):
        return "it is paused: a change would wait, and go out with somebody else's"
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return "OnDelete: each pod must be deleted by hand before it has a new template"
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    return f"partition {partition}: pods below that number keep the old template" if partition else ""


def _stuck(document: Mapping[str, Any]) -> str:
    for condition in (document.get("status") or {}).get("conditions") or ():
        failed = condition.get("type") == "ReplicaFailure" and condition.get("status") == "True"
        late = condition.get("type") == "Progressing" and condition.get("status") == "False"
        if failed or late:
            return f"{condition.get('reason')}: {condition.get('message')}"
    return ""


def _unfinished(kind: str, document: Mapping[str, Any]) -> str:
    """What is still under way; "" where every pod has the template and is ready."""
    status, generation = document.get("status") or {}, find(document, ("metadata", "generation"))
    if generation is not None and status.get("observedGeneration", 0) < generation:
        return f"rollout in progress: generation {generation} is not observed yet"
    if kind == "DaemonSet":
        wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
        there, ready = status.get("currentNumberScheduled", 0), status.get("numberAvailable", 0)
    else:
        wanted, updated = find(document, ("spec", "replicas")) or 0, status.get("updatedReplicas", 0)
        there, ready = status.get("replicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return f"rollout in progress: {updated} of {wanted} pods have the new template"
    if there > updated:
        return f"rollout in progress: {there - updated} old pods are still there"
    return f"{ready} of {wanted} pods are ready" if ready < wanted else ""


def _beyond_quotas(seen: Seen, writer: ObjectWriter) -> Iterator[str]:
    """At the peak of a rollout all pods are new ones, and the surge are old ones still."""
    document = seen.document or {}
    pods = find(document, ("spec", "replicas")) or 0
    surge = _surge(seen.edit.kind.name, document, pods)
    quotas = writer.list(QUOTA.path(seen.edit.namespace))
    for quota in (one for one in quotas if may_count(one, document)):
        hard, used = (find(quota, ("status", half)) or {} for half in ("hard", "used"))
        for field in seen.edit.fields:
            half, name = str(field.path[-2]), str(field.path[-1])
            more = pods * (_number(field.new) - _number(field.old)) + surge * _pod_total(document, half, name)
            for key in (f"{half}.{name}", *([name] if half == "requests" else ())):
                room = _number(hard.get(key)) - _number(used.get(key))
                if key in hard and _number(field.new) > _number(field.old) and more > room:
                    yield f"ResourceQuota {find(quota, ('metadata', 'name'))} has no room for the rollout in {key}"


def _pod_total(document: Mapping[str, Any], half: str, name: str) -> Fraction:
    containers = find(document, ("spec", "template", "spec", "containers")) or ()
    return sum((_number(find(one, ("resources", half, name))) for one in containers), start=Fraction(0))


def _surge(kind: str, document: Mapping[str, Any], pods: int) -> int:
    if kind != "Deployment" or find(document, ("spec", "strategy", "type")) == "Recreate":
        return 0
    share = find(document, ("spec", "strategy", "rollingUpdate", "maxSurge"))
    text = str(_QUARTER if share is None else share)
    return -(-pods * int(text[:-1]) // 100) if text.endswith("%") else int(text)


def _budgets(seen: Seen, writer: ObjectWriter) -> Iterator[str]:
    """A rollout takes no notice of budgets; who says that no pod may go means that all the same."""
    labels = find(seen.document, ("spec", "template", "metadata", "labels")) or {}
    for budget in writer.list(PDB.path(seen.edit.namespace)):
        selector = find(budget, ("spec", "selector"))
        allowed = find(budget, ("status", "disruptionsAllowed"))
        if selector is not None and _selects(selector, labels) and allowed == 0:
            name = find(budget, ("metadata", "name"))
            yield f"PodDisruptionBudget {name} allows no pod to go now"


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Expressions besides labels are taken to select: it is the careful side."""
    return all(labels.get(name) == value for name, value in (selector.get("matchLabels") or {}).items())


def _number(amount: object) -> Fraction:
    return Fraction(0) if amount is None else parse_quantity(amount)

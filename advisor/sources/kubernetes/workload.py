"""Objects that hold a pod template, as workloads; their pods come later."""

from collections.abc import Mapping

from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.workload import Meta, ObjectRef, Pod, Rollout, Workload
from advisor.sources.kubernetes.fields import Fields
from advisor.sources.kubernetes.meta import read_meta, read_ref
from advisor.sources.kubernetes.pod_spec import read_template

_TEMPLATE = ("spec", "template", "spec")
_PATHS: Mapping[str, tuple[str, ...]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Pod": ("spec",),
}
_ONE_REPLICA = ("Deployment", "StatefulSet", "ReplicaSet", "Rollout")
"""Kinds that have one replica where nothing is said."""


def read_pod(document: Fields) -> Pod:
    return Pod(
        meta=read_meta(document),
        template=read_template(document.inner("spec"), _PATHS["Pod"]),
        phase=document.inner("status").text("phase"),
    )


def read_workload(document: Fields) -> Workload:
    """Raises BadDataError for what no server would take."""
    meta, spec = read_meta(document), document.inner("spec")
    path = _PATHS.get(meta.kind, _TEMPLATE)
    borrowed = read_ref(spec.inner("workloadRef")) if spec.has("workloadRef") else None
    template = PodTemplate(containers=(), path=path) if borrowed else read_template(document.inner(*path), path)
    return Workload(
        meta=meta,
        template=template,
        replicas=spec.whole("replicas", 1) if meta.kind in _ONE_REPLICA else None,
        rollout=_rollout(meta, document),
        template_of=borrowed,
        is_suspended=spec.flag("suspend"),
    )


def _rollout(meta: Meta, document: Fields) -> Rollout:
    spec = document.inner("spec")
    if meta.kind == "Deployment":
        strategy = spec.inner("strategy")
        surge = strategy.inner("rollingUpdate").values.get("maxSurge", "25%")
        return Rollout(
            surge="0" if strategy.text("type") == "Recreate" else str(surge),
            waits_for="paused: a patch would wait and then go out with somebody else's change"
            if spec.flag("paused")
            else "",
            in_progress=_progress(document),
        )
    if meta.kind in ("StatefulSet", "DaemonSet"):
        stays = _stays(spec.inner("updateStrategy"))
        return Rollout(waits_for=stays, in_progress="" if stays else _progress(document))
    if meta.kind == "CronJob":
        return Rollout(waits_for="a change takes effect at the next run")
    return Rollout()


def _stays(strategy: Fields) -> str:
    """Why pods keep the old template."""
    if strategy.text("type") == "OnDelete":
        return "OnDelete: each pod must be deleted by hand before it has the new template"
    partition = strategy.inner("rollingUpdate").whole("partition", 0)
    return f"partition {partition}: pods below that number keep the old template" if partition > 0 else ""


def _progress(document: Fields) -> str:
    """A generation that nobody has looked at is enough; a status that is not there says nothing."""
    status, generation = document.inner("status"), document.inner("metadata").whole_or_none("generation")
    observed = status.whole_or_none("observedGeneration")
    if generation is not None and observed is not None and observed < generation:
        return f"rollout in progress: generation {generation} is not observed yet"
    wanted = document.inner("spec").whole_or_none("replicas")
    updated = status.whole_or_none("updatedReplicas")
    if wanted is not None and updated is not None and updated < wanted:
        return f"rollout in progress: {updated} of {wanted} replicas have the new template"
    return ""


def workload_of_pod(pod: Pod) -> Workload:
    """A pod that nothing owns, or that a node's file made, as a workload of its own."""
    waits = "its source is a file on the node" if pod.meta.is_mirror else "it has no owner: recreate it by hand"
    return Workload(meta=pod.meta, template=pod.template, replicas=None, rollout=Rollout(waits_for=waits), pods=(pod,))


def same_place(ref: ObjectRef, namespace: str) -> tuple[str, str, str, str]:
    """What tells objects apart: the version does not."""
    return (namespace, ref.group, ref.kind, ref.name)

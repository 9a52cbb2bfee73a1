"""Objects that hold a pod template, as workloads; their pods come later."""

from collections.abc import Mapping

from advisor.model.kubernetes.container import PodTemplate
from advisor.model.kubernetes.workload import Pod, Rollout, Workload
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.meta import read_meta, read_ref
from advisor.sources.kubernetes_objects.pod_spec import read_template
from advisor.sources.kubernetes_objects.rollout import read_rollout
from advisor.sources.kubernetes_objects.size_writers import with_size_writers

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
        template=read_template(document, _PATHS["Pod"]),
        is_over=document.inner("status").text("phase") in ("Succeeded", "Failed"),
    )


def read_workload(document: Fields) -> Workload:
    """Raises BadDataError for what no server would take."""
    meta, spec = read_meta(document), document.inner("spec")
    path = _PATHS.get(meta.kind, _TEMPLATE)
    borrowed = read_ref(spec.inner("workloadRef")) if spec.has("workloadRef") else None
    template = PodTemplate(containers=(), path=path) if borrowed else read_template(document, path)
    return Workload(
        meta=meta,
        template=with_size_writers(template, document),
        replicas=spec.whole("replicas", 1) if meta.kind in _ONE_REPLICA else None,
        rollout=read_rollout(meta.kind, document),
        template_of=borrowed,
        labels=document.inner("metadata", "labels").labels(),
        is_suspended=spec.flag("suspend"),
        is_over=meta.kind == "Job" and _has_ended(document.inner("status")),
    )


def _has_ended(status: Fields) -> bool:
    conditions = status.items("conditions")
    return any(one.text("type") in ("Complete", "Failed") and one.text("status") == "True" for one in conditions)


def workload_of_pod(pod: Pod) -> Workload:
    """A pod that nothing owns, or that a node's file made, as a workload of its own."""
    waits = "its source is a file on the node" if pod.meta.is_mirror else "it has no owner: recreate it by hand"
    rollout = Rollout(waits_for=waits)
    is_over, labels = pod.is_over, pod.template.labels
    return Workload(meta=pod.meta, template=pod.template, rollout=rollout, pods=(pod,), labels=labels, is_over=is_over)

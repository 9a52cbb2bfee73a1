"""How a new template of each kind of workload reaches its pods, and whether that is under way."""

from advisor.model.kubernetes.share import Share
from advisor.model.kubernetes.workload import Rollout
from advisor.sources.kubernetes_objects.fields import Fields

_QUARTER = Share(value=25, is_percent=True)
_WHOLE = Share(value=100, is_percent=True)
_NONE = Share(value=0)
_UNDER_WAY = ("Progressing", "Paused")
_BY_HAND = "its pods keep the old template until each is deleted by hand"
_PAUSED = "paused: a patch would wait and then go out with somebody else's change"


def read_rollout(kind: str, document: Fields) -> Rollout:
    spec = document.inner("spec")
    match kind:
        case "Deployment":
            strategy = spec.inner("strategy")
            surge = strategy.inner("rollingUpdate").share("maxSurge") or _QUARTER
            return Rollout(
                surge=_NONE if strategy.text("type") == "Recreate" else surge,
                waits_for=_PAUSED if spec.flag("paused") else "",
                in_progress=_progress(document),
            )
        case "Rollout":
            return _of_argo(document)
        case "StatefulSet" | "DaemonSet":
            stays = _stays(spec.inner("updateStrategy"))
            return Rollout(waits_for=stays, in_progress="" if stays else _progress(document))
        case "CronJob":
            return Rollout(waits_for="a change takes effect at the next run")
        case "Job":
            return Rollout(waits_for="a server refuses another template for a Job: delete it, and make it anew")
        case "ReplicaSet":
            return Rollout(waits_for=_BY_HAND, in_progress=_stopped(document.inner("status")))
        case _:
            return Rollout()


def _of_argo(document: Fields) -> Rollout:
    """Argo Rollouts: blue-green runs all pods twice. Its status says in one word how far it is."""
    spec, status = document.inner("spec"), document.inner("status")
    strategy, phase = spec.inner("strategy"), status.text("phase")
    surge = _WHOLE if strategy.has("blueGreen") else strategy.inner("canary").share("maxSurge") or _QUARTER
    return Rollout(
        surge=surge,
        waits_for=_PAUSED if spec.flag("paused") else "",
        in_progress=f"rollout in progress: Argo says {phase}" if phase in _UNDER_WAY else "",
    )


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


def _stopped(status: Fields) -> str:
    """A rollout that admission stops is seen in its ReplicaSet alone: the Deployment only says that it goes on."""
    for condition in status.items("conditions"):
        if condition.text("type") == "ReplicaFailure" and condition.text("status") == "True":
            return f"pods cannot be made: {condition.text('reason', 'unknown')}"
    return ""

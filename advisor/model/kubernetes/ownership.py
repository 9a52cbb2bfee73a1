"""Who writes an object again and again, by its labels, annotations and field managers."""

from collections.abc import Mapping, Sequence

from advisor.model.kubernetes.workload import Reconciler

ARGO_TRACKING = "argocd.argoproj.io/tracking-id"
FLUX_LABELS = ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")
FLUX_SSA = "kustomize.toolkit.fluxcd.io/ssa"
HELM_RELEASE = "meta.helm.sh/release-name"
ARGO_MANAGERS = ("argocd-controller", "argocd-application-controller")
FLUX_MANAGERS = ("kustomize-controller", "helm-controller")


def reconciler_of(
    labels: Mapping[str, object], annotations: Mapping[str, object], managers: Sequence[str]
) -> tuple[Reconciler, str]:
    """With a note in words, "" for nobody.

    Argo CD by its tracking id or its field manager, never by `app.kubernetes.io/instance`, which Helm sets too.
    """
    if annotations.get(ARGO_TRACKING) or any(name in ARGO_MANAGERS for name in managers):
        return Reconciler.ARGO_CD, "Argo CD puts a live value back: commit the change"
    if any(labels.get(name) for name in FLUX_LABELS) or any(name in FLUX_MANAGERS for name in managers):
        if annotations.get(FLUX_SSA) == "IfNotPresent":
            return Reconciler.NOBODY, f"Flux made it and leaves it alone since ({FLUX_SSA}: IfNotPresent)"
        return Reconciler.FLUX, "Flux puts a live value back: commit the change"
    if annotations.get(HELM_RELEASE) or "helm" in managers:
        release = annotations.get(HELM_RELEASE) or "its release"
        return Reconciler.HELM, f"the next helm upgrade of {release} ends a live value: change the values"
    return Reconciler.NOBODY, ""

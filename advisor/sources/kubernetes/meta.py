"""Who an object is, who owns it, and who writes it again and again."""

import re

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.workload import Meta, ObjectRef, OwnerRef, Reconciler
from advisor.sources.kubernetes.fields import Fields

_MIRROR = "kubernetes.io/config.mirror"
_ARGO_TRACKING = "argocd.argoproj.io/tracking-id"
_FLUX_LABELS = ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")
_FLUX_SSA = "kustomize.toolkit.fluxcd.io/ssa"
_HELM_RELEASE = "meta.helm.sh/release-name"
_ARGO_MANAGERS = ("argocd-controller", "argocd-application-controller")
_FLUX_MANAGERS = ("kustomize-controller", "helm-controller")
_DEFAULT_NAMESPACE = "default"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
_VERSION = re.compile(r"([a-z0-9][-a-z0-9.]{0,252}/)?v[a-z0-9]{1,62}")


def read_meta(document: Fields) -> Meta:
    """Raises BadDataError without a kind or a name. A manifest without a namespace is of the default one."""
    metadata = document.inner("metadata")
    ref = ObjectRef(
        api_version=_legal(document, "apiVersion", _VERSION),
        kind=_legal(document, "kind", _KIND),
        name=_legal(metadata, "name", _NAME),
    )
    managers = tuple(entry.text("manager") for entry in metadata.items("managedFields"))
    reconciler, note = _reconciler(metadata, managers)
    return Meta(
        ref=ref,
        namespace=_legal(metadata, "namespace", _NAMESPACE) if metadata.has("namespace") else _DEFAULT_NAMESPACE,
        uid=metadata.text("uid"),
        owner=_owner(metadata),
        reconciler=reconciler,
        reconciler_note=note,
        is_mirror=_MIRROR in metadata.inner("annotations").values,
    )


def read_ref(fields: Fields) -> ObjectRef:
    """A reference such as `scaleTargetRef`, which may leave its version out."""
    version = _legal(fields, "apiVersion", _VERSION) if fields.text("apiVersion") else ""
    return ObjectRef(api_version=version, kind=_legal(fields, "kind", _KIND), name=_legal(fields, "name", _NAME))


def _legal(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    """As a server demands it. Names become parts of paths and of commands: nothing else may get in there."""
    text = fields.required(name)
    if not pattern.fullmatch(text):
        raise BadDataError(f"{name} is {text[:60]!r}", where=fields.where, fix="no server takes that name")
    return text


def _owner(metadata: Fields) -> OwnerRef | None:
    """The one that controls it: others are owners for the garbage collector alone."""
    for reference in metadata.items("ownerReferences"):
        if reference.flag("controller"):
            return OwnerRef(ref=read_ref(reference), uid=reference.text("uid"))
    return None


def _reconciler(metadata: Fields, managers: tuple[str, ...]) -> tuple[Reconciler, str]:
    """Argo CD by its tracking id or its field manager, never by `app.kubernetes.io/instance`, which Helm sets too."""
    labels, annotations = metadata.inner("labels"), metadata.inner("annotations")
    if annotations.has(_ARGO_TRACKING) or any(name in _ARGO_MANAGERS for name in managers):
        return Reconciler.ARGO_CD, "Argo CD puts a live value back: commit the change"
    if any(labels.has(name) for name in _FLUX_LABELS) or any(name in _FLUX_MANAGERS for name in managers):
        if annotations.text(_FLUX_SSA) == "IfNotPresent":
            return Reconciler.NOBODY, f"Flux made it and leaves it alone since ({_FLUX_SSA}: IfNotPresent)"
        return Reconciler.FLUX, "Flux puts a live value back: commit the change"
    if annotations.has(_HELM_RELEASE) or "helm" in managers:
        release = annotations.text(_HELM_RELEASE, "its release")
        return Reconciler.HELM, f"the next helm upgrade of {release} ends a live value: change the values"
    return Reconciler.NOBODY, ""

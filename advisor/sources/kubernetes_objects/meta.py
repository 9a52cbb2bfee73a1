"""Who an object is, who owns it, and who writes it again and again."""

import re
import sys

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.ownership import reconciler_of
from advisor.model.kubernetes.workload import Meta, ObjectRef, OwnerRef
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.sharing import shared

_MIRROR = "kubernetes.io/config.mirror"
_DEFAULT_NAMESPACE = "default"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
_VERSION = re.compile(r"([a-z0-9][-a-z0-9.]{0,252}/)?v[a-z0-9]{1,62}")


def read_meta(document: Fields) -> Meta:
    """Raises BadDataError without a kind or a name. A manifest without a namespace is of the default one."""
    metadata = document.inner("metadata")
    if metadata.has("generateName") and not metadata.has("name"):
        what = "a server makes another one each time, with a name of its own (generateName): it is not read"
        raise BadDataError(what, where=document.where, fix="read the cluster for those that there are")
    ref = ObjectRef(
        api_version=_legal(document, "apiVersion", _VERSION),
        kind=_legal(document, "kind", _KIND),
        name=_legal(metadata, "name", _NAME),
    )
    managers = tuple(entry.text("manager") for entry in metadata.items("managedFields"))
    labels, annotations = metadata.inner("labels"), metadata.inner("annotations")
    reconciler, note = reconciler_of(labels.values, annotations.values, managers)
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
    return text if pattern is _NAME else sys.intern(text)  # all but names are few, and in every object


def _owner(metadata: Fields) -> OwnerRef | None:
    """The one that controls it: others are owners for the garbage collector alone."""
    for reference in metadata.items("ownerReferences"):
        if reference.flag("controller"):
            return shared(OwnerRef(ref=read_ref(reference), uid=reference.text("uid")))
    return None

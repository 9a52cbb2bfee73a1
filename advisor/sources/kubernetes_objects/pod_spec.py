"""A pod's spec as containers with their resources, as they are written and as the server makes them."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.container import Container, ContainerRole, PodTemplate
from advisor.model.kubernetes.quantity import parse_bytes, parse_cores
from advisor.model.kubernetes.resources import Amounts, ResourceName, Resources
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.sharing import shared


def read_template(document: Fields, path: tuple[str, ...]) -> PodTemplate:
    """The pod's spec at `path`, and the labels beside it. Raises BadDataError for what no server would take."""
    spec, labels = document.inner(*path), document.inner(*path[:-1], "metadata", "labels")
    containers = (*_containers(spec, "initContainers"), *_containers(spec, "containers"))
    if not any(one.role is ContainerRole.APP for one in containers):
        raise BadDataError("has no containers", where=spec.where, fix="a pod needs one")
    return PodTemplate(
        containers=shared(containers),
        pod=shared(filled(read_resources(spec.inner("resources")))),
        path=path,
        labels=labels.labels(),
        priority_class=sys.intern(spec.text("priorityClassName")),
        has_deadline=spec.has("activeDeadlineSeconds"),
        has_far_affinity=any(_far_terms(spec.inner("affinity"))),
    )


def _far_terms(affinity: Fields) -> Iterator[bool]:
    """For each term about other pods, whether it looks beyond its own namespace, as a quota has it."""
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.inner(kind)
        terms = [*rules.items("requiredDuringSchedulingIgnoredDuringExecution")]
        preferred = rules.items("preferredDuringSchedulingIgnoredDuringExecution")
        terms += [one.inner("podAffinityTerm") for one in preferred]
        yield from (bool(term.texts("namespaces")) or term.has("namespaceSelector") for term in terms)


def _containers(spec: Fields, name: str) -> Iterator[Container]:
    for container in spec.items(name):
        if not container.has("image"):
            what = f"the container {container.text('name')} has no image"
            raise BadDataError(what, where=spec.where, fix="a patch is no whole object: give what it makes")
        written = read_resources(container.inner("resources"))
        yield Container(
            name=container.required("name"),
            role=_role(container, name),
            written=written,
            resources=filled(written),
        )


def _role(container: Fields, name: str) -> ContainerRole:
    if name == "containers":
        return ContainerRole.APP
    return ContainerRole.SIDECAR if container.text("restartPolicy") == "Always" else ContainerRole.INIT


def read_resources(fields: Fields) -> Resources:
    """`requests` and `limits`; a request above its limit is refused, as the server does."""
    found = Resources(requests=read_amounts(fields.inner("requests")), limits=read_amounts(fields.inner("limits")))
    for name in ResourceName:
        request, limit = found.requests.of(name), found.limits.of(name)
        if request is not None and limit is not None and request > limit:
            what = f"requests {name.show(request)} of {name}, above the limit of {name.show(limit)}"
            raise BadDataError(what, where=fields.where, fix="no server takes it: lower the request or raise the limit")
    return found


def read_amounts(fields: Fields, prefix: str = "") -> Amounts:
    """prefix: before the names, as "requests." in a quota."""
    cpu, memory = f"{prefix}cpu", f"{prefix}memory"
    return Amounts(
        cpu_cores=fields.quantity(cpu, parse_cores) if fields.has(cpu) else None,
        memory_bytes=fields.quantity(memory, parse_bytes) if fields.has(memory) else None,
    )


def filled(written: Resources) -> Resources:
    """With a limit as the request where none is written, as the server does."""
    return replace(written, requests=written.requests.or_else(written.limits))

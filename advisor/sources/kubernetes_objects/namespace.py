"""LimitRanges and ResourceQuotas, and what a LimitRange fills in for containers that say nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from advisor.model.kubernetes.container import Container, PodTemplate
from advisor.model.kubernetes.namespace import LimitRange, Quota, QuotaScope, ScopeOperator
from advisor.model.kubernetes.quantity import parse_quantity
from advisor.model.kubernetes.resources import Amounts, ResourceName, Resources
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.meta import read_meta
from advisor.sources.kubernetes_objects.pod_spec import read_amounts
from advisor.sources.kubernetes_objects.sharing import shared


def read_limit_range(document: Fields) -> LimitRange:
    """Several entries of one type count together, as for the server. Raises BadDataError."""
    meta = read_meta(document)
    found = LimitRange(name=meta.name, namespace=meta.namespace)
    for entry in document.inner("spec").items("limits"):
        match entry.text("type"):
            case "Container":
                found = _of_containers(found, entry)
            case "Pod":
                found = replace(found, largest_pod=read_amounts(entry.inner("max")))
            case _:
                continue  # of volume claims and images
    return found


def _of_containers(found: LimitRange, entry: Fields) -> LimitRange:
    """A default that is missing is made of the bounds: the limit of the maximum, the request of limit or minimum."""
    smallest, largest = read_amounts(entry.inner("min")), read_amounts(entry.inner("max"))
    limits = read_amounts(entry.inner("default")).or_else(largest)
    ratios = entry.inner("maxLimitRequestRatio")
    return replace(
        found,
        smallest=smallest,
        largest=largest,
        default_limits=limits,
        default_requests=read_amounts(entry.inner("defaultRequest")).or_else(limits).or_else(smallest),
        largest_ratio={
            name: ratios.quantity(name.value, parse_quantity) for name in ResourceName if ratios.has(name.value)
        },
    )


def read_quota(document: Fields) -> Quota:
    """`requests.cpu` and plain `cpu` mean the same. Raises BadDataError."""
    meta, status = read_meta(document), document.inner("status")
    hard = document.inner("spec", "hard")
    return Quota(
        name=meta.name,
        namespace=meta.namespace,
        scopes=tuple(_scopes(document.inner("spec"))),
        hard_requests=_requests(hard),
        hard_limits=read_amounts(hard, "limits."),
        used_requests=_requests(status.inner("used")) if status.has("used") else None,
    )


def _scopes(spec: Fields) -> Iterator[QuotaScope]:
    """A name in the plain list means that there is such a thing."""
    for name in spec.texts("scopes"):
        yield QuotaScope(name=name)
    for one in spec.inner("scopeSelector").items("matchExpressions"):
        yield QuotaScope(
            name=one.required("scopeName"),
            operator=one.word("operator", ScopeOperator),
            values=tuple(one.texts("values")),
        )


def _requests(fields: Fields) -> Amounts:
    return read_amounts(fields, "requests.").or_else(read_amounts(fields))


def with_defaults(template: PodTemplate, ranges: Sequence[LimitRange]) -> PodTemplate:
    """As admission makes it: a container that says nothing gets the defaults of its namespace's LimitRanges."""
    if not ranges or not template.pod.is_empty:
        return template  # a pod with a budget of its own may leave its containers without
    return replace(template, containers=shared(tuple(_defaulted(one, ranges) for one in template.containers)))


def _defaulted(container: Container, ranges: Iterable[LimitRange]) -> Container:
    requests, limits = container.written.requests, container.written.limits
    named = []
    for one in ranges:
        fuller = (limits.or_else(one.default_limits), requests.or_else(limits).or_else(one.default_requests))
        if fuller != (limits, requests.or_else(limits)):
            named.append(one.name)
        limits, requests = fuller
    resources = Resources(requests=requests.or_else(limits), limits=limits)
    return replace(container, resources=resources, defaults_from=", ".join(named))

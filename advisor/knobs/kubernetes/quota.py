"""Whether a quota counts the pods of a template, as far as the two objects tell."""

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.knobs.kubernetes.place import find

_POD = ("spec", "template", "spec")


def may_count(quota: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """False only where a scope surely means other pods: a change waits for room where that is not known.

    document: of a workload whose containers ask for something, as those that are resized do.
    """
    pod = find(document, _POD) or {}
    return not any(_is_of_others(*scope, pod) for scope in _scopes(quota))


def _scopes(quota: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Name, operator and values."""
    for name in find(quota, ("spec", "scopes")) or ():
        yield name, "Exists", []
    for one in find(quota, ("spec", "scopeSelector", "matchExpressions")) or ():
        yield str(one.get("scopeName")), str(one.get("operator")), one.get("values") or []


def _is_of_others(name: str, operator: str, values: list[str], pod: Mapping[str, Any]) -> bool:
    has_deadline, of_class = pod.get("activeDeadlineSeconds") is not None, pod.get("priorityClassName")
    match name:
        case "Terminating":
            return not has_deadline
        case "NotTerminating":
            return has_deadline
        case "BestEffort":
            return True
        case "CrossNamespacePodAffinity":
            return not pod.get("affinity")
        case "PriorityClass" if of_class:
            return operator == "DoesNotExist" or (
                operator in ("In", "NotIn") and (of_class in values) != (operator == "In")
            )
        case _:
            return False

"""The machines that pods run on."""

from dataclasses import dataclass

from advisor.model.kubernetes.resources import Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """allocatable: what it has for pods, its own share taken off. takes_pods: it is ready, and not cordoned."""

    name: str
    allocatable: Amounts
    takes_pods: bool = True

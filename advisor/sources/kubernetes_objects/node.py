"""Nodes, as far as they bound what a pod may ask for."""

from advisor.model.kubernetes.node import Node
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.meta import read_meta
from advisor.sources.kubernetes_objects.pod_spec import read_amounts


def read_node(document: Fields) -> Node:
    """One whose condition is not said counts as ready, as in a manifest. Raises BadDataError."""
    status = document.inner("status")
    ready = [one.text("status") for one in status.items("conditions") if one.text("type") == "Ready"]
    return Node(
        name=read_meta(document).name,
        allocatable=read_amounts(status.inner("allocatable")),
        takes_pods=all(one == "True" for one in ready) and not document.inner("spec").flag("unschedulable"),
    )

"""The pods of a workload as the instances of an application, each of which may be resized on its own."""

from collections.abc import Sequence

from advisor.knobs.kubernetes.in_place.knob import PodCanary
from advisor.knobs.kubernetes.in_place.pods import name_of
from advisor.model.cohort import Instance
from advisor.model.errors import NoCanaryError
from advisor.model.knob import Order
from advisor.sources.prometheus.pod_instances import PodInstances


class PodFleet:
    """Implements Fleet for sizes: what the cluster says of the pods, and what Prometheus calls them."""

    def __init__(self, canary: PodCanary, instances: PodInstances) -> None:
        self._canary = canary
        self._instances = instances

    def instances(self, order: Order) -> Sequence[Instance]:
        """A pod that is scraped twice is two instances of one name. Raises as the port says, and BadDataError."""
        pods = self._canary.pods(order)
        addresses = {name_of(pod): str((pod.get("status") or {}).get("podIP") or "") for pod in pods}
        scraped = self._instances.scraped(order.target.get("namespace"), addresses)
        unseen = sorted(addresses.keys() - scraped.keys())
        if unseen:
            few = ", ".join(unseen[:3])
            raise NoCanaryError(f"no target of Prometheus is known by its label pod or its address to be {few}")
        return [Instance(name=pod, scraped=instance) for pod, found in scraped.items() for instance in found]

"""The instances behind every knob that can be given to some of them only."""

from collections.abc import Sequence
from contextlib import ExitStack

from advisor.clients.prometheus import PrometheusApi
from advisor.model.cohort import Instance
from advisor.model.errors import NoCanaryError
from advisor.model.knob import Carrier, Order
from advisor.ports.clock import Clock
from advisor.ports.observing import Fleet
from advisor.settings.schema import Settings
from advisor.wiring.agents import AgentFleet


class FleetByCarrier:
    """Implements Fleet: the processes of the agents, and the pods of a cluster that is changed live."""

    def __init__(self, agents: AgentFleet | None, pods: Fleet | None) -> None:
        self._agents = agents
        self._pods = pods

    def instances(self, order: Order) -> Sequence[Instance]:
        if order.target.kind.carrier is not Carrier.CLUSTER:
            return self._agents.instances(order) if self._agents is not None else ()
        if self._pods is None:
            raise NoCanaryError(
                "its pods are not resized one by one: the change goes through git, or no Prometheus is known"
            )
        return self._pods.instances(order)


def fleet_by_carrier(
    settings: Settings, agents: AgentFleet | None, prometheus: PrometheusApi | None, clock: Clock, stack: ExitStack
) -> FleetByCarrier:
    """Raises ConfigurationError."""
    if prometheus is None or not settings.kubernetes.writes or settings.kubernetes.commits:
        return FleetByCarrier(agents, None)
    from advisor.wiring.kubernetes.knobs import pod_fleet

    return FleetByCarrier(agents, pod_fleet(settings, prometheus, clock, stack))

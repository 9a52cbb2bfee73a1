"""What changes live objects of a cluster; only loaded where that is switched on."""

from contextlib import ExitStack, closing

from advisor.clients.kubernetes import KubernetesApi
from advisor.clients.prometheus import PrometheusApi
from advisor.knobs.kubernetes.edit import autoscaler_edits
from advisor.knobs.kubernetes.in_place.knob import PodCanary, SizesKnob
from advisor.knobs.kubernetes.in_place.pods import PodWriter
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.ports.changing import Knob
from advisor.ports.clock import Clock
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.schema import Settings
from advisor.sources.prometheus.pod_instances import PodInstances
from advisor.wiring.kubernetes.pod_fleet import PodFleet


def kubernetes_knobs(settings: KubernetesSettings, clock: Clock, stack: ExitStack) -> dict[str, Knob]:
    """With the acting account, whose connections are closed with `stack`. Raises ConfigurationError."""
    writer, pods = _opened(settings, stack)
    return {
        "k8s.hpa": KubernetesKnob(writer, autoscaler_edits),
        "k8s.resources": SizesKnob(writer, pods, clock),
    }


def pod_fleet(settings: Settings, prometheus: PrometheusApi, clock: Clock, stack: ExitStack) -> PodFleet:
    """With the acting account as well: it knows what it may. Raises ConfigurationError."""
    writer, pods = _opened(settings.kubernetes, stack)
    return PodFleet(PodCanary(writer, pods, clock), PodInstances(prometheus, settings.prometheus, clock))


def _opened(settings: KubernetesSettings, stack: ExitStack) -> tuple[ObjectWriter, PodWriter]:
    api = stack.enter_context(closing(KubernetesApi(settings.acting)))
    return ObjectWriter(api, settings.timeout_seconds), PodWriter(api, settings.timeout_seconds)

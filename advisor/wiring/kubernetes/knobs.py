"""What changes live objects of a cluster; only loaded where that is switched on."""

from contextlib import ExitStack, closing

from advisor.clients.kubernetes import KubernetesApi
from advisor.knobs.kubernetes.edit import autoscaler_edits, size_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.ports.changing import Knob
from advisor.settings.kubernetes.reading import KubernetesSettings


def kubernetes_knobs(settings: KubernetesSettings, stack: ExitStack) -> dict[str, Knob]:
    """With the acting account, whose connections are closed with `stack`. Raises ConfigurationError."""
    writer = ObjectWriter(stack.enter_context(closing(KubernetesApi(settings.acting))), settings.timeout_seconds)
    return {
        "k8s.hpa": KubernetesKnob(writer, autoscaler_edits),
        "k8s.resources": KubernetesKnob(writer, size_edits),
    }

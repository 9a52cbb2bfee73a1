"""What changes a cluster by commits in the repository that it is made from; only loaded where one is named."""

from collections.abc import Callable
from contextlib import ExitStack, closing

from advisor.clients.kubernetes import KubernetesApi
from advisor.knobs.gitops.knob import GitOpsKnob
from advisor.knobs.gitops.live import LiveCluster
from advisor.knobs.kubernetes.edit import autoscaler_edits, size_edits
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.change import ChangeRecord
from advisor.ports.changing import Knob
from advisor.settings.kubernetes.reading import KubernetesSettings

Find = Callable[[str], ChangeRecord | None]


def gitops_knobs(settings: KubernetesSettings, find: Find, stack: ExitStack) -> dict[str, Knob]:
    """By the reading account. find: a change as the journal has it. Raises ConfigurationError."""
    writer = ObjectWriter(stack.enter_context(closing(KubernetesApi(settings))), settings.timeout_seconds)
    return {
        name: GitOpsKnob(settings.gitops, LiveCluster(writer, edits_of), find)
        for name, edits_of in (("k8s.hpa", autoscaler_edits), ("k8s.resources", size_edits))
    }

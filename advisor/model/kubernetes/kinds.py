"""The kinds of object that are read, and what for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """plural: the name in paths and Roles. is_extra: of an extension that a cluster need not have.

    has_namespace: False for what stands above namespaces and takes a ClusterRole to read.
    """

    api_version: str
    name: str
    plural: str
    is_extra: bool = False
    has_namespace: bool = True

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def resource(self) -> str:
        """As `kubectl auth can-i` names it: "deployments.apps", "pods"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "") -> str:
        """Of its list on the server, in one namespace or, without one, everywhere at once."""
        place = f"/namespaces/{namespace}" if namespace else ""
        return f"/{'apis' if self.group else 'api'}/{self.api_version}{place}/{self.plural}"


WORKLOADS = (
    Kind(api_version="apps/v1", name="Deployment", plural="deployments"),
    Kind(api_version="apps/v1", name="StatefulSet", plural="statefulsets"),
    Kind(api_version="apps/v1", name="DaemonSet", plural="daemonsets"),
    Kind(api_version="batch/v1", name="CronJob", plural="cronjobs"),
    Kind(api_version="argoproj.io/v1alpha1", name="Rollout", plural="rollouts", is_extra=True),
)
"""What holds a pod template that people change. A ReplicaSet or a Job stands here only where nothing owns it."""

PODS = Kind(api_version="v1", name="Pod", plural="pods")
BETWEEN = (
    Kind(api_version="apps/v1", name="ReplicaSet", plural="replicasets"),
    Kind(api_version="batch/v1", name="Job", plural="jobs"),
)
"""Between a workload and its pods."""
RUN_TO_AN_END = frozenset({"Job", "CronJob"})
"""Kinds of what owns pods that end by themselves."""

HPA = Kind(api_version="autoscaling/v2", name="HorizontalPodAutoscaler", plural="horizontalpodautoscalers")
VPA = Kind(
    api_version="autoscaling.k8s.io/v1",
    name="VerticalPodAutoscaler",
    plural="verticalpodautoscalers",
    is_extra=True,
)
SCALED_OBJECT = Kind(api_version="keda.sh/v1alpha1", name="ScaledObject", plural="scaledobjects", is_extra=True)
"""KEDA makes a horizontal autoscaler of each."""
LIMIT_RANGE = Kind(api_version="v1", name="LimitRange", plural="limitranges")
QUOTA = Kind(api_version="v1", name="ResourceQuota", plural="resourcequotas")
NAMESPACE = Kind(api_version="v1", name="Namespace", plural="namespaces", has_namespace=False)

PDB = Kind(api_version="policy/v1", name="PodDisruptionBudget", plural="poddisruptionbudgets")
NODE = Kind(api_version="v1", name="Node", plural="nodes", has_namespace=False)

IN_NAMESPACES = (*WORKLOADS, *BETWEEN, PODS, HPA, VPA, SCALED_OBJECT, LIMIT_RANGE, QUOTA, PDB)
"""What is listed in each namespace."""
KINDS = (*IN_NAMESPACES, NODE, NAMESPACE)

_BY_NAME = {(kind.group, kind.name): kind for kind in KINDS}


def kind_of(api_version: str, name: str) -> Kind | None:
    """The kind that is read under that name, whatever its version; None for another."""
    return _BY_NAME.get((api_version.rpartition("/")[0], name))


def workload_kind(named: str) -> Kind | None:
    """Of a target's `kind`: "deployment.apps", or "Deployment" as former changes have it."""
    return next((one for one in WORKLOADS if named in (one.name, f"{one.name}.{one.group}".lower())), None)

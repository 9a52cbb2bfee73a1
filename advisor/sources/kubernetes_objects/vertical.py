"""VerticalPodAutoscalers, with their policies by container."""

from advisor.model.kubernetes.autoscaler import Vpa, VpaMode, VpaPolicy
from advisor.model.kubernetes.resources import ResourceName
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.meta import read_meta, read_ref
from advisor.sources.kubernetes_objects.pod_spec import read_amounts


def read_vpa(document: Fields) -> Vpa:
    """Of several policies with one name the first counts, as for its admission. Raises BadDataError."""
    spec = document.inner("spec")
    policies = dict[str, VpaPolicy]()
    for policy in spec.inner("resourcePolicy").items("containerPolicies"):
        policies.setdefault(policy.text("containerName"), _vpa_policy(policy))
    recommendation = document.inner("status", "recommendation")
    return Vpa(
        meta=read_meta(document),
        target=read_ref(spec.inner("targetRef")),
        mode=spec.inner("updatePolicy").word("updateMode", VpaMode, VpaMode.AUTO),
        policies=policies,
        recommended={
            one.required("containerName"): read_amounts(one.inner("target"))
            for one in recommendation.items("containerRecommendations")
        },
    )


def _vpa_policy(policy: Fields) -> VpaPolicy:
    """A list that is empty controls nothing; one that is not there, both."""
    if policy.text("mode") == "Off":
        return VpaPolicy(controlled=frozenset(), writes_limits=False)
    named = policy.texts("controlledResources") if policy.has("controlledResources") else tuple(ResourceName)
    return VpaPolicy(
        controlled=frozenset(name for name in ResourceName if name.value in named),
        writes_limits=policy.text("controlledValues") != "RequestsOnly",
    )

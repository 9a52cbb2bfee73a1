"""An autoscaler lets its pods become too busy before it adds some: guide, "CPU Threshold"."""

from advisor.model.finding import Severity
from advisor_rules.kubernetes.scaling.target_rule import target_rule

HPA_TARGET_TOO_HIGH = target_rule(
    "hpa-target-too-high",
    too_high=True,
    severity=Severity.WARNING,
    title="An autoscaler lets its pods become too busy before it adds some",
    says="lets its pods get too busy",
    cause="above the target nothing is left for a rise until new pods are ready",
)

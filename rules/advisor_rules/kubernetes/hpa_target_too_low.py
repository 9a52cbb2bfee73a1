"""An autoscaler keeps more pods than its load needs: guide, "CPU Threshold"."""

from advisor.model.finding import Severity
from advisor_rules.kubernetes.scaling.target_rule import target_rule

HPA_TARGET_TOO_LOW = target_rule(
    "hpa-target-too-low",
    too_high=False,
    severity=Severity.INFO,
    title="An autoscaler keeps more pods than its load needs",
    says="keeps more pods than its load needs",
    cause="what lies between the target and the request is paid for and not used",
)

"""The guide's alerts on what callers feel; its third, on the cache, is a rule's own. "Monitoring and Alerting"."""

from collections.abc import Mapping

from advisor.model.finding import Severity
from advisor.ports.rule_alert import RuleAlert

GUIDE_ALERTS: Mapping[str, RuleAlert] = {
    "HighResponseTime": RuleAlert(
        expressions=lambda guide: (f"%http.p95_seconds% > {guide.alerts.response_p95_seconds:g}",),
        summary="95% of the requests of {{ $labels.app }} take up to {{ $value | humanizeDuration }}",
    ),
    "HighErrorRate": RuleAlert(
        expressions=lambda guide: (f"%http.error_ratio% > {guide.alerts.error_ratio:g}",),
        summary="{{ $value | humanizePercentage }} of the requests of {{ $labels.app }} fail",
        severity=Severity.CRITICAL,
    ),
}
"""By name. Any rule may be behind them, so that they carry no rule's id."""

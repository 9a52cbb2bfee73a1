"""Which labels of an alert are asked, and for what."""

RULE = "advisor_rule"
"""The id of the rule that the alert is about."""
APPLICATION = (
    "app",
    "application",
    "service",
    "service_name",
    "service.name",
    "app_kubernetes_io_name",
    "job",
    "deployment",
    "namespace",
)
"""Which application it is about; the first whose value the advisor knows counts."""
DATABASE = ("database", "datname")
"""Which database, where no application is named that the advisor knows."""
ASKED = frozenset({"alertname", "rulename", "severity", RULE, *APPLICATION, *DATABASE})
"""Never among those that are left out."""

OWN = frozenset({"advisor", "tuning-advisor"})
"""What an installation of this program is called by `app`, `service` or `job`."""

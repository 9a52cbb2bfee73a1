"""A container uses more than it asks for: guide, "Resource Requests and Limits", row "Under-provisioned"."""

from collections.abc import Sequence

from advisor.model.finding import Severity
from advisor_rules.kubernetes.sizing.misfit import Misfit
from advisor_rules.kubernetes.sizing.size import Fault
from advisor_rules.kubernetes.sizing_finding import provisioning_rule


def _says(found: Sequence[Misfit]) -> str:
    return f"asks for less than it uses: {', '.join(f'{one.container.name} ({one.name})' for one in found)}"


RESOURCES_UNDER_PROVISIONED = provisioning_rule(
    Fault.UNDER,
    _says,
    cause="the scheduler counts on the request: the node is fuller than it thinks, and these pods are evicted first",
    severity=Severity.WARNING,
    title="A container uses more than it asks for",
    rationale="the 95th percentile of CPU, with a margin up to the 99th, and the highest daily peaks of memory, of "
    "which the newer count more, with a margin; the guide's step at most",
)

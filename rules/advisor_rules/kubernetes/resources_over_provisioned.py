"""A container asks for much more than it uses: guide, "Resource Requests and Limits", row "Over-provisioned"."""

from collections.abc import Sequence

from advisor.model.finding import Severity
from advisor_rules.kubernetes.sizing.misfit import Misfit
from advisor_rules.kubernetes.sizing.size import Fault
from advisor_rules.kubernetes.sizing_finding import provisioning_rule, used


def _says(found: Sequence[Misfit]) -> str:
    parts = [f"{one.container.name} ({one.name} {_share(one):.0%} used)" for one in found]
    return f"asks for more than it uses: {', '.join(parts)}"


def _share(misfit: Misfit) -> float:
    request = misfit.container.resources.requests.of(misfit.name)
    return used(misfit) / float(request) if request else 0.0


RESOURCES_OVER_PROVISIONED = provisioning_rule(
    Fault.OVER,
    _says,
    cause="what is asked for is set aside and paid for, whether it is used or not",
    severity=Severity.INFO,
    title="A container asks for much more than it uses",
    rationale="the same numbers with the same margin, the guide's step at most, and no limit below what was used",
)

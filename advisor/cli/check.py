"""`advisor check`: the doctor."""

from advisor.cli.exit_code import of_observation
from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, with_flags
from advisor.cli.report import FailOn
from advisor.surfaces.choices import FailOnSeverity


@with_flags
def check(general: GeneralFlags, connections: ConnectionFlags, output: OutputFlags, fail_on: FailOn = None) -> int:
    """Doctor: reaches every source, says what is missing.

    Names versions, extensions and missing privileges, and the exact command that grants them.
    Ends with 1 when a check failed; for --fail-on, that counts as critical.
    """
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.model.check import CheckStatus
    from advisor.model.finding import Severity
    from advisor.surfaces.documents.check import check_document
    from advisor.surfaces.views.check import check_view
    from advisor.wiring.check import check as run_checks

    view = check_view(run_checks(start(general, connections.settings())))
    show(check_document(view), output)
    if fail_on is None and view.status is CheckStatus.FAILED:
        fail_on = FailOnSeverity.CRITICAL
    attempts = [line.status for line in view.checks if line.is_connection]
    reached = not attempts or any(status is not CheckStatus.FAILED for status in attempts)
    severity = {CheckStatus.OK: None, CheckStatus.WARNING: Severity.WARNING, CheckStatus.FAILED: Severity.CRITICAL}
    return of_observation(reached=reached, worst=severity[view.status], fail_on=fail_on)

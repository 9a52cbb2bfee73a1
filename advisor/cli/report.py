"""`advisor report`: a dry run. Observes, diagnoses, proposes; writes nothing anywhere."""

from typing import Annotated

import typer

from advisor.cli.exit_code import of_observation
from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, RuleFlags, with_flags
from advisor.surfaces.choices import FailOnSeverity

FailOn = Annotated[
    FailOnSeverity | None,
    typer.Option("--fail-on", help="End with 1 when a finding is at least this severe.", show_default=False),
]


@with_flags
def report(
    general: GeneralFlags,
    connections: ConnectionFlags,
    rules: RuleFlags,
    output: OutputFlags,
    fail_on: FailOn = None,
) -> int:
    """Dry run: observe, diagnose, propose; writes nothing anywhere."""
    from advisor.cli.messages import say
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.engine.observe import reachable
    from advisor.model.snapshot import SourceStatus
    from advisor.surfaces.documents.report import report_document
    from advisor.surfaces.views.report import report_view
    from advisor.wiring.report import build_report
    from advisor.wiring.rule_book import chosen_rules

    settings = start(general, connections.settings())
    diagnosis = build_report(settings, only_rules=chosen_rules(rules.rule, settings))
    show(report_document(report_view(diagnosis, mode=settings.mode.value)), output)

    sources = [source for source in diagnosis.snapshot.sources if source.status is not SourceStatus.OFF]
    for source in sources:
        if source.status is not SourceStatus.OK and not general.quiet:
            say("warning", f"{source.name} is {source.status.value}: {source.detail}")
    if not sources:
        say("error", "no source is configured (give --prometheus-url, --postgres-dsn or --redis-url)")
    worst = max((finding.severity for finding in diagnosis.findings), key=lambda severity: severity.rank, default=None)
    return of_observation(reached=reachable(sources), worst=worst, fail_on=fail_on)

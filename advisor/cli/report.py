"""`advisor report`: a dry run. Observes, diagnoses, proposes; writes nothing anywhere."""

from functools import partial
from typing import Annotated

import typer

from advisor.cli.exit_code import of_observation
from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, RuleFlags, with_flags
from advisor.model.finding import Severity
from advisor.surfaces.choices import OutputFormat

_LONGEST_LOOK_SECONDS = 3600.0
_AT_LEISURE = (OutputFormat.WIDE, OutputFormat.MARKDOWN, OutputFormat.HTML)
"""Forms that have the room to tell everything."""

Look = Annotated[
    str,
    typer.Option(
        "--look", help="Seconds between two looks; 0s: one look, totals since the counters began.", metavar="DURATION"
    ),
]
FailOn = Annotated[
    Severity | None,
    typer.Option("--fail-on", help="End with 1 when a finding is at least this severe.", show_default=False),
]


def _seconds(look: str) -> float:
    from advisor.model.errors import ConfigurationError
    from advisor.model.units import parse_duration_seconds

    seconds = parse_duration_seconds(look, where="--look")
    if seconds > _LONGEST_LOOK_SECONDS:
        raise ConfigurationError(f"{look!r} is longer than an hour", where="--look", fix='such as "10s"')
    return seconds


@with_flags
def report(
    general: GeneralFlags,
    connections: ConnectionFlags,
    rules: RuleFlags,
    output: OutputFlags,
    look: Look = "10s",
    fail_on: FailOn = None,
) -> int:
    """Dry run: observe, diagnose, propose; writes nothing anywhere."""
    from advisor.cli.messages import say
    from advisor.cli.output import show
    from advisor.cli.progress import wait
    from advisor.cli.start import start
    from advisor.engine.observe import reachable
    from advisor.model.snapshot import SourceStatus
    from advisor.surfaces.documents.report import report_document
    from advisor.surfaces.documents.report_page import report_page
    from advisor.surfaces.views.report import report_view
    from advisor.wiring.report import Looks, build_report
    from advisor.wiring.rule_book import chosen_rules

    settings = start(general, connections.settings())
    looks = Looks(seconds=_seconds(look), wait=partial(wait, quiet=general.quiet))
    diagnosis = build_report(settings, only_rules=chosen_rules(rules.rule, settings), looks=looks)
    layout = report_page if output.output in _AT_LEISURE else report_document
    show(layout(report_view(diagnosis, mode=settings.mode.value)), output)

    sources = [source for source in diagnosis.snapshot.sources if source.status is not SourceStatus.OFF]
    for source in sources:
        if source.status is not SourceStatus.OK and not general.quiet:
            say("warning", f"{source.name} is {source.status.value}: {source.detail}")
    if not sources:
        say("error", "no source is configured (give --prometheus-url, --postgres-dsn or --redis-url)")
    worst = max((finding.severity for finding in diagnosis.findings), key=lambda severity: severity.rank, default=None)
    return of_observation(reached=reachable(sources), worst=worst, fail_on=fail_on)

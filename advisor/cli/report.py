"""`advisor report`: a dry run. Observes, diagnoses, proposes; writes nothing anywhere."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.exit_code import of_observation
from advisor.cli.flags import ConnectionFlags, GeneralFlags, OutputFlags, RuleFlags, with_flags
from advisor.surfaces.choices import FailOnSeverity, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.model.snapshot import SourceReport
    from advisor.settings.schema import Settings
    from advisor.wiring.looks import Looks

_LONGEST_LOOK_SECONDS = 3600.0
_AT_LEISURE = (OutputFormat.WIDE, OutputFormat.MARKDOWN, OutputFormat.HTML)
"""Forms that have the room to tell everything."""

Look = Annotated[
    str,
    typer.Option(
        "--look", help="Seconds between two looks; 0s: one look, totals since the counters began.", metavar="DURATION"
    ),
]
Statements = Annotated[
    bool, typer.Option("--statements", help="The statements that cost most, ranked, and nothing else.")
]
FailOn = Annotated[
    FailOnSeverity | None,
    typer.Option("--fail-on", help="End with 1 when a finding is at least this severe.", show_default=False),
]


def look_seconds(look: str) -> float:
    """Raises ConfigurationError."""
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
    statements: Statements = False,
    fail_on: FailOn = None,
) -> int:
    """Dry run: observe, diagnose, propose; writes nothing anywhere."""
    from advisor.cli.progress import wait
    from advisor.cli.start import start
    from advisor.wiring.looks import Looks

    settings = start(general, connections.settings())
    looks = Looks(seconds=look_seconds(look), wait=partial(wait, quiet=general.quiet))
    if statements:
        _refuse_rules(rules, fail_on)
        return _ranked(settings, looks, output, quiet=general.quiet)
    return _reported(settings, looks, rules, output, fail_on, quiet=general.quiet)


def _reported(
    settings: "Settings",
    looks: "Looks",
    rules: RuleFlags,
    output: OutputFlags,
    fail_on: FailOnSeverity | None,
    *,
    quiet: bool,
) -> int:
    from advisor.cli.output import show
    from advisor.surfaces.documents.report import report_document
    from advisor.surfaces.documents.report_page import report_page
    from advisor.surfaces.views.report import report_view
    from advisor.wiring.report import build_report
    from advisor.wiring.rules.book import chosen_rules

    diagnosis = build_report(settings, only_rules=chosen_rules(rules.rule, settings), looks=looks)
    layout = report_page if output.output in _AT_LEISURE else report_document
    show(layout(report_view(diagnosis, mode=settings.mode.value)), output)
    worst = max((finding.severity for finding in diagnosis.findings), key=lambda severity: severity.rank, default=None)
    return of_observation(reached=_told(diagnosis.snapshot.sources, quiet=quiet), worst=worst, fail_on=fail_on)


def _ranked(settings: "Settings", looks: "Looks", output: OutputFlags, *, quiet: bool) -> int:
    from advisor.cli.output import show
    from advisor.surfaces.documents.statement_ranking import ranking_document
    from advisor.surfaces.views.statement_ranking import ranking_view
    from advisor.wiring.statements import rank_statements

    ranking = rank_statements(settings, looks)
    show(ranking_document(ranking_view(ranking)), output)
    return of_observation(reached=_told(ranking.sources, quiet=quiet), worst=None, fail_on=None)


def _refuse_rules(rules: RuleFlags, fail_on: FailOnSeverity | None) -> None:
    from advisor.model.errors import ConfigurationError

    if rules.rule or fail_on is not None:
        where = "--rule" if rules.rule else "--fail-on"
        fix = "leave this or --statements out"
        raise ConfigurationError("the list of statements asks no rule", where=where, fix=fix)


def _told(reports: "Sequence[SourceReport]", *, quiet: bool) -> bool:
    """Whether any source answered; what is wrong with the others is told on stderr."""
    from advisor.cli.messages import say
    from advisor.engine.observe import reachable
    from advisor.model.snapshot import SourceStatus

    sources = [source for source in reports if source.status is not SourceStatus.OFF]
    for source in sources:
        if source.status is not SourceStatus.OK and not quiet:
            say("warning", f"{source.name} is {source.status.value}: {source.detail}")
    if not sources:
        say(
            "error",
            "no source is configured (give --prometheus-url, --postgres-dsn, --redis-url, --context or --manifests)",
        )
    return reachable(sources)

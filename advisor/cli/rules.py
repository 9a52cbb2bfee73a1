"""`advisor rules`: the rule book."""

from typing import Annotated

import typer

from advisor.cli.completion import rule_ids
from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import FileFlags, GeneralFlags, OutputFlags, with_flags

app = typer.Typer(help="The rule book.")


@app.command("list")
@with_flags
def list_rules(general: GeneralFlags, output: OutputFlags) -> int:
    """Every rule, what it looks for and what it needs."""
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.surfaces.documents.rule import rule_book_document
    from advisor.surfaces.views.rule import rule_book_view
    from advisor.wiring.rules.book import rule_book

    settings = start(general)
    show(rule_book_document(rule_book_view(rule_book(settings), settings.disabled_rules)), output)
    return ExitCode.DONE


@app.command("show")
@with_flags
def show_rule(
    general: GeneralFlags,
    output: OutputFlags,
    rule_id: Annotated[
        str, typer.Argument(metavar="ID", help="The rule's id, such as pool-exhaustion.", autocompletion=rule_ids)
    ],
) -> int:
    """One rule, and how it judges."""
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.surfaces.documents.rule import rule_document
    from advisor.surfaces.views.rule import rule_entry, rule_view
    from advisor.wiring.rules.book import page_of, rule_called

    settings = start(general)
    pack, rule = rule_called(rule_id, settings, where="rules show")
    entry = rule_entry(rule, pack, settings.disabled_rules)
    show(rule_document(rule_view(rule, entry, page_of(pack, rule))), output)
    return ExitCode.DONE


@app.command("export")
@with_flags
def export_rules(
    general: GeneralFlags,
    output: FileFlags,
    preset: Annotated[
        list[str] | None,
        typer.Option("--preset", help="Metric names to use, not those of the settings; repeatable.", metavar="NAME"),
    ] = None,
    runbooks: Annotated[
        str, typer.Option("--runbooks", help="Where the rules' pages are; their links begin so.", metavar="URL")
    ] = "docs/rules",
) -> int:
    """Prometheus alerting rules: one for each rule that metrics can tell; `-o table` says why others have none."""
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.surfaces.documents.alert_rules import alert_rules_document
    from advisor.wiring.rules.alerts import alert_rules

    settings = start(general)
    show(alert_rules_document(alert_rules(settings, presets=preset or (), runbooks=runbooks)), output)
    return ExitCode.DONE

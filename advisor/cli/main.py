"""The command `advisor`: parses, calls, renders. Commands import what they need when they run: help stays quick."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from advisor import __version__
from advisor.cli import backtest, changes, check, demo, indexes, pause, report, rules, run, trial_check
from advisor.cli.exit_code import ExitCode
from advisor.model.errors import AdvisorError, SeveralFaultsError, SourceUnavailableError

_HELP = frozenset({"-h", "--help"})

app = typer.Typer(
    help="Finds the one bottleneck that costs most, changes one knob, measures, keeps the change or puts it back.",
    epilog="Exit codes: 0 done, 1 findings at or above --fail-on, a check that failed or a wait in vain, "
    "2 usage or configuration error, 3 no source could be reached, 4 the demo did not end as it should.",
    context_settings={"help_option_names": sorted(_HELP)},
    rich_markup_mode=None,  # Rich would take longer to load than all the rest of the help
    pretty_exceptions_enable=False,
)
app.command()(report.report)
app.command()(run.run)
app.command()(check.check)
app.command()(demo.demo)
app.command()(indexes.indexes)
app.command()(backtest.backtest)
app.command()(trial_check.trial_check)
app.add_typer(changes.app, name="changes")
app.command()(pause.pause)
app.command()(pause.resume)
app.add_typer(rules.app, name="rules")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"advisor {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of `advisor` itself."""


def _spelled_out(arguments: Sequence[str]) -> list[str]:
    """No command means help, and a book of records without a verb means its list: `advisor changes -o json`."""
    if not arguments:
        return ["--help"]
    command, *rest = arguments
    is_list = command in ("changes", "rules") and (not rest or rest[0].startswith("-")) and not _HELP & set(rest)
    return [command, "list", *rest] if is_list else [command, *rest]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, that of the process if none is given, and return the exit code."""
    given = _spelled_out(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(app(args=given, prog_name="advisor", standalone_mode=False) or ExitCode.DONE)
    except TyperException as error:
        hint = "`advisor --help` and `advisor COMMAND --help` name what there is"
        return _refused(f"{error.format_message()} ({hint})", code=ExitCode.USAGE)
    except SeveralFaultsError as error:
        more = (f"{error.left_out} more after these",) if error.left_out else ()
        return _refused(*map(str, error.faults), *more, code=ExitCode.USAGE)
    except SourceUnavailableError as error:
        return _refused(str(error), code=ExitCode.NO_SOURCE)
    except AdvisorError as error:
        return _refused(str(error), code=ExitCode.USAGE)


def _refused(*reasons: str, code: ExitCode) -> ExitCode:
    from advisor.cli.messages import say

    for why in reasons:
        say("error", why)
    return code


if __name__ == "__main__":
    sys.exit(main())

"""`advisor changes`: the journal, and a person's say in it."""

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.completion import change_ids
from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import GeneralFlags, OutputFlags, with_flags
from advisor.surfaces.choices import ChangeEnd

if TYPE_CHECKING:
    from advisor.engine.approvals import Approvals
    from advisor.model.change import ChangeRecord

app = typer.Typer(help="The journal, and a person's say in it.")

ChangeId = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The change's id, as `advisor changes list` shows it.", autocompletion=change_ids
    ),
]
Who = Annotated[str | None, typer.Option("--as", help="Who decides; your login name if not given.", metavar="NAME")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the change's life.", metavar="TEXT")]


@app.command("list")
@with_flags
def list_changes(
    general: GeneralFlags,
    output: OutputFlags,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="The latest so many.")] = 100,
    watch: Annotated[bool, typer.Option("-w", "--watch", help="Then a line for each step, until Ctrl-C.")] = False,
) -> int:
    """Every change, newest first."""
    from advisor.cli.output import refuse_to_follow, show, show_line
    from advisor.cli.start import start
    from advisor.journal.repository import open_journal
    from advisor.surfaces.documents.change import change_step, changes_document
    from advisor.surfaces.views.change import changes_view

    if watch:
        refuse_to_follow(output)
    settings = start(general)
    environment = settings.policy.environment
    with closing(open_journal(settings.journal.url, read_only=True)) as journal:
        page = journal.page(environment, limit)
        view = changes_view(environment, page.changes, journal.paused(), next_page=page.next)
    show(changes_document(view), output)
    if watch:
        from advisor.cli.follow import every_step

        for record in every_step(settings.journal.url, environment, limit):
            show_line(change_step(record), output)
    return ExitCode.DONE


@app.command("wait")
@with_flags
def wait(
    general: GeneralFlags,
    output: OutputFlags,
    change_id: ChangeId,
    wanted: Annotated[
        list[ChangeEnd] | None,
        typer.Option("--for", help="The state that is waited for; may be repeated. Not given: any end."),
    ] = None,
    timeout: Annotated[str, typer.Option("--timeout", help="At most so long.", metavar="DURATION")] = "12h",
) -> int:
    """Wait until a change has come to a state.

    Ends with 1 when it ended otherwise, or not in time.
    """
    from advisor.cli.follow import until
    from advisor.cli.messages import say
    from advisor.cli.output import refuse_to_follow, show_line
    from advisor.cli.start import start
    from advisor.model.change import State
    from advisor.model.units import parse_duration_seconds
    from advisor.surfaces.documents.change import change_step

    refuse_to_follow(output)
    settings = start(general)
    states = [State(one.value) for one in wanted or ()]
    record = until(settings.journal.url, change_id, states, parse_duration_seconds(timeout, where="--timeout"))
    show_line(change_step(record), output)
    if record.state in states or (not states and not record.is_open):
        return ExitCode.DONE
    waited_for = " or ".join(states) or "its end"
    say("error", f"change {record.id} is {record.state}; waited for {waited_for}")
    return ExitCode.FINDINGS


@app.command("show")
@with_flags
def show_change(general: GeneralFlags, output: OutputFlags, change_id: ChangeId) -> int:
    """One change's whole life.

    Its phases, samples, statistics and verdict.
    """
    from advisor.cli.follow import change_of
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.surfaces.documents.change import change_document
    from advisor.surfaces.views.change import change_view

    settings = start(general)
    show(change_document(change_view(change_of(settings.journal.url, change_id))), output)
    return ExitCode.DONE


@app.command("approve")
@with_flags
def approve(general: GeneralFlags, output: OutputFlags, change_id: ChangeId, who: Who = None) -> int:
    """Let a proposed change happen.

    The daemon applies it in its next cycle.
    """
    return _decide(general, output, lambda word, name: word.approve(change_id, name), who)


@app.command("reject")
@with_flags
def reject(
    general: GeneralFlags, output: OutputFlags, change_id: ChangeId, who: Who = None, reason: Reason = ""
) -> int:
    """Drop a proposed change.

    A trial that is held is rolled back.
    """
    return _decide(general, output, lambda word, name: word.reject(change_id, name, reason), who)


@app.command("rollback")
@with_flags
def roll_back(
    general: GeneralFlags, output: OutputFlags, change_id: ChangeId, who: Who = None, reason: Reason = ""
) -> int:
    """Put the old value back.

    Of a change that is on trial, or that was kept. The daemon does it in its next cycle.
    """
    return _decide(general, output, lambda word, name: word.roll_back(change_id, name, reason), who)


@app.command("clear")
@with_flags
def clear(general: GeneralFlags, output: OutputFlags, change_id: ChangeId, who: Who = None) -> int:
    """Let a knob be changed again that the advisor has stopped changing.

    Because somebody else had moved it during the change ID, or because ID was the last of several attempts to fail.
    """
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.surfaces.documents.change import change_document
    from advisor.surfaces.views.change import change_view
    from advisor.wiring.changes import approvals_of

    with approvals_of(start(general)) as approvals:
        record = approvals.clear(change_id, who or _login_name())
    show(change_document(change_view(record)), output)
    return ExitCode.DONE


@app.command("calibration")
@with_flags
def calibration(
    general: GeneralFlags,
    output: OutputFlags,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Of the latest so many changes.")] = 1000,
) -> int:
    """How far the what-if models can be trusted.

    How often each was right, how far it was off, and how each knob has done.
    """
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.engine.decide.track_record import calibrate
    from advisor.journal.repository import open_journal
    from advisor.surfaces.documents.calibration import calibration_document
    from advisor.surfaces.views.calibration import calibration_view

    settings = start(general)
    environment = settings.policy.environment
    with closing(open_journal(settings.journal.url, read_only=True)) as journal:
        history = journal.history(environment, limit)
    view = calibration_view(environment, calibrate(history), settings.policy.trust)
    show(calibration_document(view), output)
    return ExitCode.DONE


def _decide(
    general: GeneralFlags,
    output: OutputFlags,
    decide: Callable[["Approvals", str], "ChangeRecord"],
    who: str | None,
) -> int:
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.surfaces.documents.change import change_document
    from advisor.surfaces.views.change import change_view
    from advisor.wiring.changes import approvals_of

    with approvals_of(start(general)) as approvals:
        record = decide(approvals, who or _login_name())
    show(change_document(change_view(record)), output)
    return ExitCode.DONE


def _login_name() -> str:
    from getpass import getuser

    return getuser()

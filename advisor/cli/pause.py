"""`advisor pause` and `advisor resume`: the kill switch."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import GeneralFlags, OutputFlags, with_flags

if TYPE_CHECKING:
    from advisor.settings.schema import Settings


@with_flags
def pause(
    general: GeneralFlags,
    output: OutputFlags,
    reason: Annotated[str, typer.Option("--reason", help="Why; shown to everybody who asks.")] = "",
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Hold back a roll-back that is owed, too; says what is left changed.")
    ] = False,
) -> int:
    """Kill switch: nothing is changed until `advisor resume`. Durable; a roll-back already owed still happens."""
    from advisor.cli.start import start
    from advisor.journal.repository import open_journal

    settings = start(general)
    with open_journal(settings.journal.url.get_secret_value(), read_only=False) as journal:
        journal.pause(reason or "no reason given", datetime.now(UTC), freeze=freeze)
    _show_pause(settings, output)
    return ExitCode.DONE


@with_flags
def resume(general: GeneralFlags, output: OutputFlags) -> int:
    """End a pause."""
    from advisor.cli.start import start
    from advisor.journal.repository import open_journal

    settings = start(general)
    with open_journal(settings.journal.url.get_secret_value(), read_only=False) as journal:
        journal.resume()
    _show_pause(settings, output)
    return ExitCode.DONE


def _show_pause(settings: "Settings", output: OutputFlags) -> None:
    from advisor.cli.output import show
    from advisor.journal.repository import open_journal
    from advisor.surfaces.pause_document import pause_document, pause_view

    with open_journal(settings.journal.url.get_secret_value(), read_only=True) as journal:
        view = pause_view(journal.paused(), journal.open_change(settings.policy.environment))
    show(pause_document(view), output)

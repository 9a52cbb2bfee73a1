"""`advisor pause` and `advisor resume`: the kill switch."""

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import GeneralFlags, OutputFlags, with_flags

if TYPE_CHECKING:
    from advisor.model.change import ChangeRecord, Pause
    from advisor.surfaces.documents.document import Document


@with_flags
def pause(
    general: GeneralFlags,
    output: OutputFlags,
    reason: Annotated[str, typer.Option("--reason", help="Why; shown to everybody who asks.")] = "no reason given",
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Hold back a roll-back that is owed, too; says what is left changed.")
    ] = False,
) -> int:
    """Kill switch: nothing is changed until `advisor resume`. Durable; a roll-back already owed still happens."""
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.journal.repository import open_journal

    settings = start(general)
    with closing(open_journal(settings.journal.url)) as journal:
        begun = journal.pause(reason, datetime.now(UTC), freeze=freeze)
        open_change = journal.open_change(settings.policy.environment)
    show(_document(begun, open_change), output)
    return ExitCode.DONE


@with_flags
def resume(general: GeneralFlags, output: OutputFlags) -> int:
    """End a pause."""
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.journal.repository import open_journal

    settings = start(general)
    with closing(open_journal(settings.journal.url)) as journal:
        journal.resume()
    show(_document(None, None), output)
    return ExitCode.DONE


def _document(begun: "Pause | None", open_change: "ChangeRecord | None") -> "Document":
    from advisor.surfaces.documents.pause import pause_document
    from advisor.surfaces.views.pause import pause_view

    return pause_document(pause_view(begun, open_change))

"""The doctor's line for the journal: reached, of this program's version, and what it holds. Nothing is made."""

from pathlib import Path

from pydantic import SecretStr

from advisor.journal.connection import parse_url
from advisor.journal.repository import open_journal
from advisor.model.check import CheckLine, failed, ok, warning
from advisor.model.errors import AdvisorError

_NAME = "journal"


def check_journal(url: SecretStr | str, environment: str) -> tuple[CheckLine, ...]:
    """Whether changes can be recorded at `url`. One that is not made yet is no fault: the first run makes it."""
    try:
        parsed = parse_url(url)
        shown = parsed.render_as_string(hide_password=True)
        if parsed.drivername.startswith("sqlite") and _is_to_be_made(Path(parsed.database or "")):
            return (warning(_NAME, f"{shown} is not made yet", "none: the first `advisor run` makes it"),)
        journal = open_journal(url, read_only=True)
    except AdvisorError as error:
        return (failed(_NAME, str(error), error.fix),)
    try:
        open_change, pause = journal.open_change(environment), journal.paused()
    except AdvisorError as error:
        return (failed(_NAME, str(error), error.fix),)
    finally:
        journal.close()
    if pause is not None:
        return (warning(_NAME, f"{shown}; paused: {pause.reason}", "advisor resume"),)
    standing = f"change {open_change.id} is {open_change.state}" if open_change else "no change is open"
    return (ok(_NAME, f"{shown}, {standing}"),)


def _is_to_be_made(path: Path) -> bool:
    return not path.exists() and path.absolute().parent.is_dir()

"""The doctor on the applications' boards."""

from advisor.knobs.agents.board import Board
from advisor.model.check import CheckLine, failed, ok, warning
from advisor.model.errors import AdvisorError
from advisor.settings.applications import ApplicationSettings


def check_board(application: ApplicationSettings, board: Board | None) -> tuple[CheckLine, ...]:
    """Whether wanted values can be published to the agents of `application`; writes nothing."""
    name = f"board:{application.name}"
    if board is None:
        fix = "set redis.url, or the application's board to file:PATH"
        return (warning(name, "its agents read from Redis, and none is configured", fix),)
    try:
        board.check_writable(application.name)
    except AdvisorError as error:
        return (failed(name, str(error), error.fix),)
    return (ok(name, f"{board.name} can be written"),)

"""Publishing is a command of the user's own: it pushes, opens a pull request, or calls a script."""

import os
from collections.abc import Mapping
from pathlib import Path

from advisor.clients.command import CommandTimeoutError, run_command
from advisor.clients.git import told
from advisor.model.errors import KnobBusyError
from advisor.settings.kubernetes.gitops import GitOpsSettings

_NOT_GIVEN = ("ADVISOR_", "GIT_")
"""Settings may come by such names, passwords among them; and git is to look at our work tree."""


def publish(settings: GitOpsSettings, tree: Path, about: Mapping[str, str]) -> None:
    """Run it in `tree`, on the branch of the change. about: what it is told, by names that begin with ADVISOR_GITOPS_.

    It may be run again for the same commit. Nothing is run where none is configured. Raises KnobBusyError with what it
    said; CommandMissingError.
    """
    if not settings.publish:
        return
    given = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_GIVEN)}
    environment = {**given, "GIT_TERMINAL_PROMPT": "0", **{f"ADVISOR_GITOPS_{key}": one for key, one in about.items()}}
    where = f"kubernetes.gitops.publish ({settings.publish[0]})"
    try:
        ended = run_command(
            settings.publish,
            folder=tree,
            timeout_seconds=settings.publish_timeout_seconds,
            environment=environment,
        )
    except CommandTimeoutError as error:
        raise KnobBusyError(error.what, where=where, fix="see publish_timeout_seconds") from error
    if ended.code != 0:
        raise KnobBusyError(f"ended with {ended.code}: {told(ended)}", where=where)

"""`advisor demo`: the closed loop on embedded servers."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import GeneralFlags, OutputFlags, with_flags
from advisor.settings.extras import install

if TYPE_CHECKING:
    from advisor.servers.cluster.programs import Programs


@with_flags
def demo(
    general: GeneralFlags,
    output: OutputFlags,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the servers running at the end.")] = False,
    with_bad_change: Annotated[
        bool, typer.Option("--with-bad-change", help="Also try a harmful change and see it rolled back.")
    ] = False,
    slack: Annotated[
        bool, typer.Option("--slack", help="Show what Slack would be sent, and ask before each change.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --slack: do not ask, approve all.")] = False,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="On a Kubernetes control plane, a good and a harmful change.")
    ] = False,
) -> int:
    """The closed loop on embedded servers.

    Three bottlenecks are found, changed one at a time, measured and kept.
    With --kubernetes an autoscaler that acts too late is mended, and a CPU limit cut too low is put back.
    """
    from advisor.cli.messages import say
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.demo.options import DemoOptions
    from advisor.model.errors import ConfigurationError
    from advisor.servers.errors import ServerUnavailableError

    try:
        from advisor.demo.cluster.run import run_cluster_demo
        from advisor.demo.outcome_document import outcome_document
        from advisor.demo.run import run_demo
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("advisor."):
            raise
        raise ConfigurationError(
            f"the demo needs the module {error.name}", fix=f"{install('demo')}, see README.md"
        ) from error
    if yes and not slack:
        raise ConfigurationError("--yes answers what --slack asks", fix="add --slack, or leave --yes out")
    if slack and not yes and not sys.stdin.isatty():
        raise ConfigurationError("--slack asks on the terminal, and there is none", fix="add --yes to approve all")
    if kubernetes and with_bad_change:
        raise ConfigurationError("--kubernetes has its own harmful change", fix="leave --with-bad-change out")
    programs = _cluster_programs() if kubernetes else None
    start(general)
    options = DemoOptions(keep=keep, with_bad_change=with_bad_change, slack=slack, yes=yes)
    try:
        outcome = run_demo(options) if programs is None else run_cluster_demo(options, programs)
    except ServerUnavailableError as error:
        say("error", str(error))
        return ExitCode.DEMO_FAILED
    show(outcome_document(outcome), output)
    return ExitCode.DONE if outcome.ended_as_it_should else ExitCode.DEMO_FAILED


def _cluster_programs() -> "Programs":
    """Raises ConfigurationError, which says which one is missing and how to get it."""
    from advisor.model.errors import ConfigurationError
    from advisor.servers.cluster.programs import Programs
    from advisor.servers.errors import ServerUnavailableError

    try:
        return Programs.found()
    except ServerUnavailableError as error:
        raise ConfigurationError(error.what, fix=error.fix) from error

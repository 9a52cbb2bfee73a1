"""`advisor demo`: the closed loop on embedded servers."""

import sys
from typing import Annotated

import typer

from advisor.cli.exit_code import ExitCode
from advisor.cli.flags import GeneralFlags, OutputFlags, with_flags
from advisor.settings.extras import install


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
) -> int:
    """The closed loop on embedded servers.

    Three bottlenecks are found, changed one at a time, measured and kept.
    """
    from advisor.cli.messages import say
    from advisor.cli.output import show
    from advisor.cli.start import start
    from advisor.demo.options import DemoOptions
    from advisor.model.errors import ConfigurationError
    from advisor.servers.errors import ServerUnavailableError

    try:
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
    start(general)
    try:
        outcome = run_demo(DemoOptions(keep=keep, with_bad_change=with_bad_change, slack=slack, yes=yes))
    except ServerUnavailableError as error:
        say("error", str(error))
        return ExitCode.DEMO_FAILED
    show(outcome_document(outcome), output)
    return ExitCode.DONE if outcome.ended_as_it_should else ExitCode.DEMO_FAILED

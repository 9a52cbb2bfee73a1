"""`advisor demo`: the closed loop on embedded servers."""

from typing import Annotated

import typer

from advisor.cli.flags import GeneralFlags, OutputFlags, with_flags


@with_flags
def demo(
    general: GeneralFlags,
    output: OutputFlags,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the servers running at the end.")] = False,
    with_bad_change: Annotated[
        bool, typer.Option("--with-bad-change", help="Also try a harmful change and see it rolled back.")
    ] = False,
) -> int:
    """The closed loop on embedded servers: three bottlenecks found, changed, measured and kept."""
    from advisor.cli.start import start
    from advisor.demo.options import DemoOptions
    from advisor.model.errors import ConfigurationError

    try:
        from advisor.demo.run import run_demo
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("advisor."):
            raise
        raise ConfigurationError(
            f"the demo needs the module {error.name}", fix="pip install 'tuning-advisor[demo]'"
        ) from error
    start(general)
    options = DemoOptions(
        keep=keep, with_bad_change=with_bad_change, output=output.output.value, out_file=output.out_file
    )
    return run_demo(options)

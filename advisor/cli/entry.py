"""The installed command `advisor`."""

import gc


def run() -> int:
    """One command line, that of the process. While modules load nothing is garbage, and looking for it takes time."""
    gc.disable()
    from advisor.cli.main import main

    gc.enable()
    return main()

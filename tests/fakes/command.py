"""The command line as a user runs it, in a folder of its own: in a process of its own, or much faster in ours."""

import io
import logging
import os
import subprocess
import sys
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import structlog

from advisor.cli.main import main

_ROOT = Path(__file__).resolve().parents[2]


def advisor(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`advisor ARGUMENTS` with its journal in `folder`, and no settings but these."""
    return subprocess.run(
        [sys.executable, "-m", "advisor.cli.main", *arguments],
        cwd=folder,
        env={**_surroundings(folder), "PYTHONPATH": str(_ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def advisor_within(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The same without a process: for what a command says and does, and not how it starts, ends or logs."""
    out, err = io.StringIO(), io.StringIO()
    with ExitStack() as stack:
        stack.callback(_forget_logging, logging.root.handlers[:], logging.root.level)
        stack.enter_context(mock.patch.dict(os.environ, {**_surroundings(folder), **environ}, clear=True))
        stack.enter_context(chdir(folder))
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        code = main(arguments)
    return subprocess.CompletedProcess(arguments, int(code), out.getvalue(), err.getvalue())


def _forget_logging(handlers: list[logging.Handler], level: int) -> None:
    """A command sends its logs to its own stderr, which is gone."""
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def _surroundings(folder: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    return {**clean, "ADVISOR_JOURNAL__URL": f"sqlite:///{folder}/journal.db"}

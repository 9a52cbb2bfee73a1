"""The command line as a user runs it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def advisor(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`advisor ARGUMENTS` with its journal in `folder`, and no settings but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    journal = {"ADVISOR_JOURNAL__URL": f"sqlite:///{folder}/journal.db"}
    return subprocess.run(
        [sys.executable, "-m", "advisor.cli.main", *arguments],
        cwd=folder,
        env={**clean, **journal, "PYTHONPATH": str(_ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

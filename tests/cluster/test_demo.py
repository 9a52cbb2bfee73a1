"""The demo on a cluster as a user runs it: what is found, changed, measured and put back, and in which time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.servers.cluster.programs import Programs
from advisor.servers.errors import ServerUnavailableError

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS, MOST_SECONDS = 240, 500
"""What is promised, and how long is waited to see what came instead."""


def test_a_late_autoscaler_is_mended_and_a_limit_cut_too_low_is_put_back(servers_wanted: None, tmp_path: Path) -> None:
    try:
        Programs.found()
    except ServerUnavailableError as error:
        pytest.skip(str(error))
    ended = subprocess.run(
        [sys.executable, "-m", "advisor.cli.main", "demo", "--kubernetes", "-o", "json"],
        cwd=ROOT,
        env={**os.environ, "ADVISOR_JOURNAL__URL": f"sqlite:///{tmp_path}/journal.db"},
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    late, cut = found["scenarios"]
    assert (late["name"], late["outcome"]) == ("scales-too-late", "kept")
    assert late["after"] < late["before"]
    assert (cut["name"], cut["outcome"]) == ("limit-cut-too-low", "rolled_back")
    assert "the CPU is throttled" in cut["reason"]
    assert found["seconds"] < LONGEST_SECONDS

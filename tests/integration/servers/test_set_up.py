"""The set-up script says in one line what is missing, and does nothing when nothing has changed."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
READ_BY_SET_UP = (
    "scripts/setup.sh",
    "requirements.lock",
    "pyproject.toml",
    "agents/pyproject.toml",
    "tests/agents/requirements-sqlalchemy-2.0.lock",
    *(f"advisor/servers/{name}.py" for name in ("fetch", "debian", "installation", "pgbouncer", "alertmanager")),
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in READ_BY_SET_UP:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return tmp_path


def set_up(checkout: Path, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/setup.sh"],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def program(checkout: Path, text: str) -> str:
    path = checkout / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_without_python_one_line_says_what_to_install(checkout: Path) -> None:
    result = set_up(checkout, "python-that-is-not-there")
    assert result.returncode == 1
    assert result.stderr == (
        "set-up: python-that-is-not-there is missing; install the package python3 (3.11 or newer)\n"
    )


def test_a_python_that_is_too_old_is_refused(checkout: Path) -> None:
    old = program(checkout, 'if [ "$1" = --version ]; then echo Python 3.10.12; else exit 1; fi')
    result = set_up(checkout, old)
    assert result.returncode == 1
    assert result.stderr.startswith("set-up: Python 3.10.12 is too old; install Python 3.11 or newer")
    assert not (checkout / ".venv").exists()


def test_a_set_up_that_failed_is_not_taken_for_done(checkout: Path) -> None:
    # Old enough to pass, but it makes no environment.
    broken = program(checkout, 'case "$2" in venv) exit 3 ;; esac')
    result = set_up(checkout, broken)
    assert result.returncode != 0
    assert result.stderr.splitlines() == ["set-up: creating .venv"]
    assert not (checkout / ".venv/.ready").exists()
    assert set_up(checkout, broken).returncode != 0


def test_nothing_is_done_where_everything_is_done_and_all_again_after_a_move(checkout: Path) -> None:
    # An environment whose pip and python say yes to everything.
    finished = (
        "mkdir -p .venv/bin; "
        "printf '#!/bin/sh\\necho pip 1 from %s/.venv/lib\\n' \"$PWD\" > .venv/bin/pip; "
        "cp .venv/bin/pip .venv/bin/python; "
        "chmod +x .venv/bin/*; mkdir -p .cache/sqlalchemy-2.0"
    )
    python = program(checkout, f'case "$2" in venv) {finished} ;; esac')
    first = set_up(checkout, python)
    assert first.stderr.splitlines()[-1] == "set-up: ready"
    (checkout / ".cache/sqlalchemy-2.0").mkdir(exist_ok=True)  # the pip above installs nothing
    assert set_up(checkout, "python-that-is-not-there").stderr == ""

    moved = checkout.rename(checkout.with_name("moved"))
    again = set_up(moved, str(moved / "python"))
    assert again.stderr.splitlines()[0] == "set-up: creating .venv"

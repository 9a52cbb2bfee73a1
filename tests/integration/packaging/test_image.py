"""The image without Docker: what the Dockerfile runs is run in a folder, and what comes out runs from there alone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MOST_BYTES = 400 * 1024 * 1024


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from what .dockerignore lets in, then only to be read."""
    folder = tmp_path_factory.mktemp("image")
    source, target = folder / "src", folder / "opt" / "advisor"
    names = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in names:
        there = ROOT / name
        if there.is_dir():
            shutil.copytree(there, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(there, source / name)
    (step,) = re.findall(
        r"^RUN .*?(scripts/image_root\.sh) /opt/advisor$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHON": sys.executable, "EXTRAS": "slack"}
    for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    done = subprocess.run([source / step, target], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(source)
    subprocess.run(["chmod", "-R", "a-w", target], check=True)
    return target


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(installed / "bin"), "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(installed / "bin" / "advisor"), *arguments]
    return subprocess.run(command, env=environment, cwd="/tmp", capture_output=True, text=True, check=False)


@pytest.mark.timeout(900)
def test_what_the_dockerfile_installs_runs_from_a_folder_that_is_only_read(installed: Path) -> None:
    shown = run(installed, "rules", "list", "-o", "json")
    assert shown.returncode == 0, shown.stderr
    assert '"missing-index"' in shown.stdout
    refused = run(installed, "report")
    assert refused.returncode in (2, 3), refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.timeout(900)
def test_no_compiler_no_installer_and_no_tests_are_in_it_and_it_is_small(installed: Path) -> None:
    names = {path.name for path in (installed / "bin").iterdir()}
    assert not {"pip", "pip3", "gcc", "cc", "uv"} & names
    packages = next((installed / "lib").glob("python*/site-packages"))
    there = {path.name for path in packages.iterdir()}
    assert {"advisor", "advisor_rules", "kubernetes", "slack_sdk"} <= there
    assert not {"pip", "pytest", "mypy", "hypothesis", "duckdb", "matplotlib"} & there
    assert sum(path.stat().st_size for path in installed.rglob("*") if path.is_file()) < MOST_BYTES


def test_the_dockerfile_pins_no_base_of_its_own_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM ${PYTHON_IMAGE} AS build",
        "FROM ${PYTHON_IMAGE}",
    ]
    assert "ARG PYTHON_IMAGE" in lines
    assert "USER 65532:65532" in lines

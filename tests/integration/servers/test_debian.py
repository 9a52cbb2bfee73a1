"""Packages are unpacked into the cache; apt and dpkg are played by small scripts, so that no network is needed."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3]
UNPACK = """
import sys
from advisor.servers.debian import unpacked
from advisor.model.errors import AdvisorError
try:
    print(unpacked("thing", [["thing-9", "thing-9-extra"], ["thing-8", "thing-8-extra"]], ["libhuge", "usr/junk*"]))
except AdvisorError as error:
    sys.exit(f"error: {error}")
"""
APT_CACHE = """#!/bin/sh
echo "apt-cache $*" >> "$CALLS"
case "$*" in *Dir::State::lists*) ;; *) [ -z "$OLD_LISTS" ] || exit 100 ;; esac
for word; do case $word in thing-8*) echo "Package: $word" ;; esac; done
"""
APT_GET = """#!/bin/sh
echo "apt-get $*" >> "$CALLS"
case "$*" in
    *update*) [ -z "$OFFLINE" ] || { echo "no route to the mirror" >&2; exit 100; } ;;
    *install*) printf 'Inst libneeded (1 x)\\nInst libhuge (1 x)\\nInst libold [1] (2 x)\\nInst tool (1 x)\\n' ;;
    *download*) for word; do case $word in thing*|lib*) echo "$word" > "$word.deb" ;; esac; done ;;
esac
"""
DPKG_DEB = """#!/bin/sh
mkdir -p "$3/usr/junk" && cp "$2" "$3/usr/"
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with its own apt and cache. calls: what apt was asked."""

    folder: Path

    @property
    def tools(self) -> Path:
        return self.folder / "cache/tuning-advisor/tools"

    def calls(self) -> str:
        return (self.folder / "calls").read_text()

    def unpack(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", UNPACK],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=self.folder,
            env={
                "PATH": f"{self.folder}/bin:{os.defpath}",
                "PYTHONPATH": str(self.folder / "packages"),
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                "CALLS": str(self.folder / "calls"),
                **environment,
            },
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    for name, text in (("apt-cache", APT_CACHE), ("apt-get", APT_GET), ("dpkg-deb", DPKG_DEB)):
        program = tmp_path / "bin" / name
        program.write_text(text)
        program.chmod(0o755)
    for package in ("", "model", "servers"):  # copied: outside a checkout the cache is the user's own
        target = tmp_path / "packages/advisor" / package
        target.mkdir(parents=True)
        for module in (SOURCE / "advisor" / package).glob("*.py"):
            (target / module.name).write_text(module.read_text())
    return Machine(tmp_path)


def names(tree: Path) -> set[str]:
    return {path.name for path in (tree / "usr").iterdir()}


def test_the_first_known_choice_is_unpacked_with_the_libraries_the_machine_lacks(machine: Machine) -> None:
    result = machine.unpack()
    assert result.stderr == ""
    assert result.stdout.strip() == str(machine.tools / "thing")
    # Not libhuge, which is unneeded; not libold, which the machine has; not usr/junk, which is removed.
    assert names(machine.tools / "thing") == {"thing-8.deb", "thing-8-extra.deb", "libneeded.deb"}
    assert "update" not in machine.calls()


def test_what_is_there_is_not_fetched_again(machine: Machine) -> None:
    machine.unpack()
    asked_once = machine.calls()
    assert machine.unpack().returncode == 0
    assert machine.calls() == asked_once


def test_a_machine_without_package_lists_gets_lists_in_the_cache(machine: Machine) -> None:
    assert machine.unpack(OLD_LISTS="yes").returncode == 0
    updates = [call for call in machine.calls().splitlines() if call.endswith("update -q")]
    assert len(updates) == 1
    assert f"Dir::State::lists={machine.tools.parent}/apt/lists" in updates[0]


def test_without_lists_and_without_a_network_one_line_says_what_to_install(machine: Machine) -> None:
    result = machine.unpack(OLD_LISTS="yes", OFFLINE="yes")
    assert result.returncode == 1
    assert result.stderr == (
        "error: thing is missing and cannot be fetched: apt-get failed: no route to the mirror "
        "(install thing-9 thing-9-extra)\n"
    )
    assert not (machine.tools / "thing").exists()


def test_what_an_interrupted_run_left_is_not_mistaken_for_the_whole(machine: Machine) -> None:
    left = machine.tools / "thing.partial" / "tree" / "usr"
    left.mkdir(parents=True)
    (left / "half.deb").touch()
    assert machine.unpack().returncode == 0
    assert "half.deb" not in names(machine.tools / "thing")
    assert not (machine.tools / "thing.partial").exists()

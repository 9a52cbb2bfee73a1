"""docs/faults.md is true: every fault has its line, and every test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and not re.match(r"^\|(-|\s*\||\s*input)", line)]
WITHOUT_A_TEST = {
    "F14": "comes with the Kubernetes knobs",
    "F22": "benchmarks/soak.py",
}


@cache
def names_of_all_tests() -> frozenset[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    return frozenset(
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_fault_has_its_line() -> None:
    assert re.findall(r"^\| (F\d+) \|", PAGE, re.MULTILINE) == [f"F{number}" for number in range(1, 23)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_line_names_tests_that_are_there(row: str) -> None:
    named = re.findall(r"`(test_\w+)`", row.rsplit("|", 2)[1])
    fault = row.split("|")[1].strip()
    if not named:
        assert WITHOUT_A_TEST[fault] in row
    assert set(named) <= names_of_all_tests()

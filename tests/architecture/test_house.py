"""The rules of the house that a reader relies on."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(
    path
    for folder in ("advisor", "rules", "agents", "benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if ".cache" not in path.parts
)
PURE_ROOMS = (
    "advisor/model",
    "advisor/stats",
    "advisor/sql",
    "advisor/engine/decide",
    "advisor/engine/judge",
    "advisor/surfaces/views",
    "rules/advisor_rules",
)
SOURCES = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in ("advisor", "rules", "agents")]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_imports_run_one_way() -> None:
    """The contracts are in pyproject.toml under [tool.importlinter]."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert result.returncode == 0, result.stdout


def test_pure_rooms_read_no_clock_environment_or_random_source() -> None:
    modules = [path for room in PURE_ROOMS for path in (ROOT / room).rglob("*.py")]
    assert modules
    forbidden = {"os", "time", "random", "secrets", "socket", "subprocess", "threading", "requests", "pathlib"}
    for path in modules:
        tree = ast.parse(path.read_text())
        imported = {name.split(".")[0] for name in _imports(tree)}
        assert not imported & forbidden, f"{path.relative_to(ROOT)} imports {imported & forbidden}"
        clock = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _asks_the_time(node.func)]
        assert not clock, f"{path.relative_to(ROOT)} reads the clock in line {clock[0]}"


def _asks_the_time(called: ast.expr) -> bool:
    """`datetime.now()` and the like, not a field that happens to be called `now`."""
    return isinstance(called, ast.Attribute) and called.attr in ("now", "utcnow", "today")


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_model_imports_the_standard_library_only() -> None:
    for path in (ROOT / "advisor" / "model").rglob("*.py"):
        for name in _imports(ast.parse(path.read_text())):
            known = name.split(".")[0] in sys.stdlib_module_names or name.startswith("advisor.model")
            assert known, f"{path.name} imports {name}"


def test_no_package_is_a_dumping_ground() -> None:
    names = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & {"utils", "util", "helpers", "common", "manager", "base", "misc"}


def test_every_rule_has_its_module_its_test_and_its_page() -> None:
    from advisor_rules import ALL_RULES

    assert ALL_RULES
    for rule in ALL_RULES:
        name = rule.id.replace("-", "_")
        (module,) = (ROOT / "rules" / "advisor_rules").glob(f"*/{name}.py")
        assert (ROOT / "tests" / "unit" / "rules" / module.parent.name / f"test_{name}.py").exists()
        assert (ROOT / "docs" / "rules" / f"{rule.id}.md").exists()
    pages = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")}
    assert pages - {"index"} == {rule.id for rule in ALL_RULES}


def test_what_is_no_rule_in_a_family_serves_a_rule_of_it() -> None:
    """A helper stands beside the rules that use it, or is handed to all rules with their context."""
    from advisor_rules import ALL_RULES

    rules = {rule.id.replace("-", "_") for rule in ALL_RULES}
    handed = set(_imports(ast.parse((ROOT / "advisor" / "wiring" / "rule_context.py").read_text())))
    for family in (ROOT / "rules" / "advisor_rules").iterdir():
        modules = {path.stem: path for path in family.glob("*.py") if path.stem != "__init__"}
        used = {name for path in modules.values() for name in _imports(ast.parse(path.read_text()))}
        helpers = set(modules) - rules
        assert all(f"advisor_rules.{family.name}.{name}" in used | handed for name in helpers), (
            f"{family.name}: {helpers}"
        )


def test_every_room_stands_in_the_import_contract() -> None:
    """import-linter's own word for it is `exhaustive`: it refuses a module that no layer names."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layered = {tuple(one["containers"]): one for one in contracts if one["type"] == "layers"}
    assert ("advisor",) in layered
    assert all(one["exhaustive"] for one in layered.values())
    named = {name for layer in layered["advisor",]["layers"] for name in re.findall(r"\w+", layer)}
    rooms = {
        path.stem for path in (ROOT / "advisor").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"__init__"} <= named


def test_no_folder_holds_more_than_25_modules() -> None:
    """A larger one wants sub-rooms."""
    for folder in {path.parent for path in SOURCES}:
        modules = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        assert len(modules) <= 25, folder


def test_locked_requirements_carry_hashes_and_no_address() -> None:
    for lock in (ROOT / "requirements.lock", *(ROOT / "tests" / "agents").glob("*.lock")):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text

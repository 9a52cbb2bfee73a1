"""Every port has a complete double in `advisor.testing`, which ships and therefore stands on its own."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import advisor.ports
from advisor.testing.doubles import Doubles

TESTING = Path(__file__).resolve().parents[2] / "advisor" / "testing"
FIT_TO_SHIP = re.compile(
    r"advisor\.(testing|ports|model|settings|sql|stats)\b|advisor\.whatif\.(pool|cache)$"  # these two are pure
)


def protocols() -> Iterator[type]:
    """Every Protocol that `advisor.ports` defines."""
    for module in pkgutil.iter_modules(advisor.ports.__path__, "advisor.ports."):
        for thing in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(thing) and thing.__module__ == module.name and getattr(thing, "_is_protocol", False):
                yield thing


PORTS = sorted(protocols(), key=lambda port: port.__name__)


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_has_a_double_under_its_name_that_does_all_it_does(port: type) -> None:
    assert get_type_hints(Doubles).get(snake_case(port.__name__)) is port, f"no double of {port} in {Doubles}"
    double = getattr(Doubles(), snake_case(port.__name__))
    for name, asked in inspect.getmembers(
        port, lambda member: inspect.isfunction(member) or isinstance(member, property)
    ):
        if name.startswith("_"):
            continue
        assert hasattr(double, name), f"{type(double).__name__} has no {name}"
        if inspect.isfunction(asked):
            given = inspect.signature(getattr(double, name)).parameters
            wanted = list(inspect.signature(asked).parameters)[1:]  # without self
            assert list(given) == wanted, f"{type(double).__name__}.{name}"


def test_the_table_names_no_port_that_is_gone() -> None:
    assert set(get_type_hints(Doubles).values()) == set(PORTS)


def test_the_doubles_need_no_test_runner_no_adapter_and_nothing_of_our_tests() -> None:
    for path in TESTING.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                outside = name.split(".")[0] in ("pytest", "_pytest", "tests", "hypothesis")
                assert not outside, f"{path.name} imports {name}"
                assert not name.startswith("advisor") or FIT_TO_SHIP.match(name), f"{path.name} imports {name}"

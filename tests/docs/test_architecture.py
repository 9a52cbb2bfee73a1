"""docs/architecture.md shows the imports as they are, and they run one way at every level."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_imports", ROOT / "scripts" / "draw_imports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWING = script()
FILES = DRAWING.file_graph()
LEVELS = {"files": FILES, "folders": DRAWING.folder_graph(FILES), "rooms": DRAWING.room_graph(FILES)}


def test_the_committed_picture_is_the_present_one() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert page == DRAWING.drawn_into(page), "say `make picture` and commit docs/architecture.md"


@pytest.mark.parametrize("level", LEVELS)
def test_no_imports_go_in_a_circle(level: str) -> None:
    assert DRAWING.circles(LEVELS[level]) == []


def test_every_room_has_a_line_of_its_own_in_the_page() -> None:
    rooms = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Who may import whom")[0]
    assert [room for room in LEVELS["rooms"] if f"{room}/`" not in rooms and f"{room}.py`" not in rooms] == []


def test_a_circle_is_found_and_what_only_leads_to_it_is_not_part_of_it() -> None:
    assert DRAWING.circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [["b", "c"]]


def test_an_arrow_that_a_longer_way_says_is_left_out() -> None:
    assert DRAWING.reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_a_page_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the lines"):
        DRAWING.drawn_into("# Architecture\n")


def test_the_script_reads_the_packages_of_this_checkout() -> None:
    assert {"advisor.engine.cycle", "advisor_rules", "advisor_agents.agent"} <= set(FILES)
    assert "advisor.ports.rule" in FILES["advisor_rules"]

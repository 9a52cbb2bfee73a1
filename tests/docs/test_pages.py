"""The pages are true: their examples run, their links lead somewhere, and their lists are whole."""

import re
from pathlib import Path

import pytest
import yaml

from advisor.model.knob import BUILTIN_KINDS
from advisor.settings.load import load_settings
from advisor.sources.prometheus.catalogue import load_preset, shipped_signals

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "agents" / "README.md"])
HOW_TO = sorted(ROOT.glob("docs/how-to-*.md"))
EXAMPLES = sorted(path for path in ROOT.glob("docs/examples/*") if path.is_dir())
RULE_PACK = ROOT / "docs" / "how-to-add-a-rule-pack.md"
"""Its configuration needs the pack installed: tests/integration/packaging/test_rule_pack.py runs it."""
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", HOW_TO, ids=name_of)
def test_the_code_of_a_how_to_runs_from_its_first_block_to_its_last(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for example in EXAMPLES:
        monkeypatch.syspath_prepend(example)
    code = blocks(page, "python")
    assert code
    space: dict[str, object] = {"__name__": "example"}
    for number, block in enumerate(code, start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), space)
    for name, thing in list(space.items()):
        if name.startswith("test_") and callable(thing):
            thing()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_within_the_project_leads_to_a_file(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    missing = [target for target in _LINK.findall(text) if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", [page for page in PAGES if page != RULE_PACK], ids=name_of)
def test_every_piece_of_configuration_is_accepted(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        if set(yaml.safe_load(block)) <= set(shipped_signals()):
            load_preset(str(file))
        else:
            load_settings(file, {}, {})


def test_the_list_of_knobs_is_whole() -> None:
    listed = re.findall(r"^\| `([\w.]+)` ", (ROOT / "docs" / "knobs.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(kind.name for kind in BUILTIN_KINDS)


def test_the_list_of_signals_is_whole_and_says_what_the_catalogue_says() -> None:
    rows = re.findall(
        r"^\| `([\w.]+)` \| (.*?) \| (.*?) \| (.*?) \|$",
        (ROOT / "docs" / "signals.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    wanted = [(name, ", ".join(known.labels), known.unit, known.text) for name, known in shipped_signals().items()]
    assert rows == wanted


def test_the_commands_stand_at_the_top_of_the_readme() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [line.split()[:2] for line in lines[:10] if line.strip().startswith("make ")]
    assert commands == [["make", "demo"], ["make", "test"]]

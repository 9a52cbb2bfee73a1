"""The lists in the pages are whole and true: commands, rules, words."""

import ast
import re
from pathlib import Path

import pytest
import typer

from advisor.cli.main import app
from advisor.model.knob import BUILTIN_KINDS
from advisor.sql.index_statement import read_create_index
from advisor.sql.parse import UnreadableStatementError
from advisor_rules import ALL_RULES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULE_BOOK = (ROOT / "docs" / "rules" / "index.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS = [line for line in GLOSSARY.splitlines() if line.startswith("| ") and not line.startswith("| word ")]
FAMILIES = [path.name for path in (ROOT / "rules" / "advisor_rules").iterdir() if (path / "__init__.py").exists()]
TEXTS = [
    path
    for top in (".", "advisor", "rules", "agents", "docs")
    for path in (ROOT.glob("*.md") if top == "." else (ROOT / top).rglob("*"))
    if path.suffix in (".py", ".md") and not path.name.startswith("how-to-")
]
_TOP = "advisor|rules|agents|tests|benchmarks|config|scripts|docs|k8s"
_PATH = re.compile(rf"(?<![\w/.-])(?:{_TOP})/[\w/.-]+\.(?:py|md|ya?ml|sql|sh|lua)\b")
_PAGE = re.compile(r"(?<![\w/*.-])[a-z0-9][a-z0-9-]*\.md\b")


def family_of(rule_id: str) -> str:
    (module,) = (ROOT / "rules" / "advisor_rules").glob(f"*/{rule_id.replace('-', '_')}.py")
    return module.parent.name


def commands_of(group: typer.Typer, before: str = "advisor") -> list[str]:
    command = typer.main.get_command(group)
    assert isinstance(command, typer.core.TyperGroup)
    return [f"{before} {name}" for name in command.commands]


def names_defined_in(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef() | ast.FunctionDef():
                found.add(node.name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


@pytest.mark.parametrize("command", commands_of(app))
def test_the_readme_names_every_command(command: str) -> None:
    assert f"`{command}" in README


def test_the_readme_names_every_command_of_a_group() -> None:
    groups = typer.main.get_command(app)
    assert isinstance(groups, typer.core.TyperGroup)
    for name, group in groups.commands.items():
        if isinstance(group, typer.core.TyperGroup):
            row = next(line for line in README.splitlines() if line.startswith(f"| `advisor {name} ["))
            assert [one for one in group.commands if one not in row] == []


def test_the_readme_names_every_rule_in_its_family() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (.*) \|$", README, re.MULTILINE))
    for family in FAMILIES:
        linked = re.findall(r"\[([\w-]+)\]\(docs/rules/\1\.md\)", rows[family])
        assert sorted(linked) == sorted(rule.id for rule in ALL_RULES if family_of(rule.id) == family)


def test_the_rule_book_says_of_every_rule_what_the_rule_says_of_itself() -> None:
    rows = re.findall(r"^\| \[([\w-]+)\]\(\1\.md\) \| (.*?) \| (.*?) \| .+ \|$", RULE_BOOK, re.MULTILINE)
    wanted = [(rule.id, rule.title, ", ".join(need.name for need in rule.needs)) for rule in ALL_RULES]
    assert sorted(rows) == sorted(wanted)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_rule_book_lists_a_rule_under_its_family(family: str) -> None:
    chapter = re.split(r"^## ", RULE_BOOK.partition(f"\n## {family}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    listed = re.findall(r"^\| \[([\w-]+)\]", chapter, re.MULTILINE)
    assert sorted(listed) == sorted(rule.id for rule in ALL_RULES if family_of(rule.id) == family)


def test_the_rule_book_names_a_knob_where_the_rules_own_page_does() -> None:
    knobs = {kind.name for kind in BUILTIN_KINDS}
    for rule in ALL_RULES:
        row = next(line for line in RULE_BOOK.splitlines() if line.startswith(f"| [{rule.id}]"))
        page = (ROOT / "docs" / "rules" / f"{rule.id}.md").read_text(encoding="utf-8")
        named = set(re.findall(r"`([\w.]+)`", row.rsplit("|", 2)[1]))
        assert named <= knobs
        assert all(f"`{knob}`" in page for knob in named), rule.id


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row.split("|")[1].strip())
def test_a_word_of_the_glossary_is_defined_where_it_says(row: str) -> None:
    places = re.findall(r"\[`([\w.]+)`\]\(\.\./([\w./]+)\)", row.rsplit("|", 2)[1])
    assert places
    for name, place in places:
        module = ROOT / place
        stands_for_it = name in (module.name, module.parent.name)
        assert stands_for_it or name in names_defined_in(module), f"{place} does not define {name}"


def test_no_text_names_a_file_that_is_not_there() -> None:
    """A how-to invents the files that its reader is to write."""
    missing = [
        f"{path.relative_to(ROOT)}: {named}"
        for path in TEXTS
        for named in _PATH.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / named).exists() and not (path.parent / named).exists()
    ]
    assert missing == []


def test_no_docstring_names_a_page_that_is_not_there() -> None:
    pages = {path.name for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]}
    for path in TEXTS:
        if path.suffix == ".py":
            assert set(_PAGE.findall(path.read_text(encoding="utf-8"))) <= pages, path.relative_to(ROOT)


@pytest.mark.parametrize("method", ["btree", "gin", "brin", "hash", "gist", "spgist"])
def test_the_page_on_knobs_names_the_kinds_of_index_that_an_order_may_build(method: str) -> None:
    page = (ROOT / "docs" / "knobs.md").read_text(encoding="utf-8").partition("## `postgres.index`")[2]
    statement = f'CREATE INDEX CONCURRENTLY "i" ON "public"."t" USING {method} ("a")'
    if f"`{method}`" in page:
        assert read_create_index(statement)[1].access_method == method
    else:
        with pytest.raises(UnreadableStatementError):
            read_create_index(statement)

"""The rule book; the schemas "advisor/rules/v1" and "advisor/rule/v1"."""

import inspect
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field

from advisor.ports.rule import Rule
from advisor.ports.rule_pack import RulePack
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.views.plain_data import plain_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """One rule; `pack` is the rule pack that it is from."""

    id: str
    title: str
    guide: str
    needs: tuple[str, ...]
    enabled: bool
    pack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBookView:
    schema: str = field(default="advisor/rules/v1", init=False)
    rules: tuple[RuleEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDetailView:
    """One rule; `about` is what its module says of itself, `page` what its pack says of it, in Markdown."""

    schema: str = field(default="advisor/rule/v1", init=False)
    id: str
    title: str
    guide: str
    needs: tuple[str, ...]
    enabled: bool
    pack: str
    about: str
    page: str


def rule_entry(rule: Rule, pack: RulePack, disabled: Collection[str]) -> RuleEntry:
    return RuleEntry(
        id=rule.id,
        title=rule.title,
        guide=rule.guide,
        needs=tuple(need.name for need in rule.needs),
        enabled=rule.id not in disabled,
        pack=pack.name,
    )


def rule_book_document(packs: Sequence[RulePack], disabled: Collection[str]) -> Document:
    entries = tuple(rule_entry(rule, pack, disabled) for pack in packs for rule in pack.rules)
    table = Table(
        columns=("Rule", "Title", "Guide", "Pack", "Enabled", "Needs"),
        rows=tuple(
            (one.id, one.title, one.guide, one.pack, _yes_no(one.enabled), ", ".join(one.needs)) for one in entries
        ),
        wide_columns=frozenset({"Needs"}),
    )
    return Document(
        title="Rules",
        data=plain_mapping(RuleBookView(rules=entries)),
        sections=(Section(heading="Rules", table=table, if_empty="There are none."),),
        rows=table,
    )


def rule_document(rule: Rule, entry: RuleEntry, page: str = "") -> Document:
    """page: what the rule's pack says of it; "" when it says nothing."""
    view = RuleDetailView(**asdict(entry), about=_about(rule), page=page)
    facts = (
        Fact(label="Title", text=view.title),
        Fact(label="Guide", text=view.guide),
        Fact(label="Pack", text=view.pack),
        Fact(label="Needs", text=", ".join(view.needs) or "nothing"),
        Fact(label="Enabled", text=_yes_no(view.enabled)),
        Fact(label="About", text=view.about),
        *((Fact(label="Page", text=view.page, is_code=True),) if view.page else ()),
    )
    return Document(
        title=f"Rule {view.id}",
        data=plain_mapping(view),
        sections=(Section(heading=view.id, facts=facts),),
        rows=Table(columns=("Field", "Value"), rows=tuple((fact.label, fact.text) for fact in facts)),
    )


def _about(rule: Rule) -> str:
    module = inspect.getmodule(rule.diagnose)
    return inspect.cleandoc(module.__doc__ or "") if module is not None else ""


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"

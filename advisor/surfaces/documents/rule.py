"""The rule book, for people."""

from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.views.plain_data import plain_mapping
from advisor.surfaces.views.rule import RuleBookView, RuleDetailView


def rule_book_document(view: RuleBookView) -> Document:
    table = Table(
        columns=("Rule", "Title", "Guide", "Pack", "Enabled", "Needs"),
        rows=tuple(
            (one.id, one.title, one.guide, one.pack, _yes_no(one.enabled), ", ".join(one.needs)) for one in view.rules
        ),
        wide_columns=frozenset({"Needs"}),
    )
    return Document(
        title="Rules",
        data=plain_mapping(view),
        sections=(Section(heading="Rules", table=table, if_empty="There are none."),),
        rows=table,
    )


def rule_document(view: RuleDetailView) -> Document:
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


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"

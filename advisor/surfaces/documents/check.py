"""The doctor's findings, for people."""

from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.views.check import CheckView
from advisor.surfaces.views.plain_data import plain_mapping


def check_document(view: CheckView) -> Document:
    table = Table(
        columns=("Check", "Status", "Detail", "Fix"),
        rows=tuple((line.name, line.status.value, line.detail, line.fix) for line in view.checks),
        wide_columns=frozenset({"Fix"}),
    )
    # A fix is copied: on lines of its own, not folded into a column.
    fixes = tuple(Fact(label=line.name, text=line.fix, is_code=True) for line in view.checks if line.fix)
    checks = Section(heading="Checks", table=table, if_empty="There was nothing to check.")
    return Document(
        title=f"Check: {view.status.value}",
        data=plain_mapping(view),
        sections=(checks, Section(heading="What to do", facts=fixes)) if fixes else (checks,),
        rows=table,
    )

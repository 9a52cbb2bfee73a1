"""Tables with statistics, and how a statement uses them; a test names only what it is about."""

from advisor.sql.access import Access
from advisor.sql.relations import Relations, TableName
from advisor.sql.statement import read_statement
from advisor.whatif.index.catalogue.tables import Column, ExistingIndex, TableFacts

T = TableName("public", "t")


def a_column(name: str, distinct: float = 1000, **changes: object) -> Column:
    given: dict[str, object] = {"type": "bigint", "type_category": "N", "is_analysed": True, **changes}
    return Column(name=name, distinct=distinct, **given)  # type: ignore[arg-type]


def a_table(*columns: Column, indexes: tuple[ExistingIndex, ...] = (), **changes: object) -> TableFacts:
    """100,000 rows on 1,000 pages, with the columns a, b, c and d if none are given."""
    known = columns or tuple(a_column(name) for name in "abcd")
    given: dict[str, object] = {"name": T, "kind": "r", "rows": 100_000.0, "pages": 1000.0, **changes}
    return TableFacts(columns={c.name: c for c in known}, indexes=indexes, **given)  # type: ignore[arg-type]


def access(text: str, table: TableFacts) -> Access:
    """The first use of a table in `text`."""
    return read_statement(text, Relations(columns={table.name: tuple(table.columns)})).accesses[0]


def existing(*keys: str, **changes: object) -> ExistingIndex:
    """A whole B-tree on these keys if not said."""
    given: dict[str, object] = {
        "name": "old",
        "definition": "",
        "access_method": "btree",
        "include": (),
        "predicate": "",
        "is_unique": False,
        "is_valid": True,
        "constraint": "",
        "size_bytes": 0,
    }
    return ExistingIndex(keys=keys, **{**given, **changes})  # type: ignore[arg-type]

"""Indexes other than B-trees: for full text, arrays and jsonb, for LIKE '%x%', for tables in natural order. Pure."""

from collections.abc import Iterator, Mapping

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.access import Access, ConditionKind
from advisor.whatif.index.catalogue.tables import TableFacts

_ORDERED = 0.95
_LARGE_PAGES = 16_384  # 128 MiB: below that a B-tree costs little anyway
_RANGED = "NDT"  # typcategory: numbers, dates and times


def special_designs_for(access: Access, table: TableFacts, extensions: Mapping[str, str]) -> Iterator[IndexDesign]:
    """GIN for containment and full text, GiST for ranges, trigrams where pg_trgm is there, BRIN, text_pattern_ops for
    LIKE 'x%'."""

    def of(method: str, text: str, *, is_expression: bool, operator_class: str = "") -> IndexDesign:
        key = IndexKey(text=text, is_expression=is_expression, operator_class=operator_class)
        return IndexDesign(schema=table.name.schema, table=table.name.name, keys=(key,), access_method=method)

    for key in access.keys(ConditionKind.CONTAINS, ConditionKind.SEARCH, optional=True):
        column = table.columns.get(key.text)
        is_range = column is not None and column.type_category == "R"
        yield of("gist" if is_range else "gin", key.text, is_expression=key.is_expression)
    if "pg_trgm" in extensions:
        operators = f'"{extensions["pg_trgm"]}".gin_trgm_ops'
        for key in access.keys(ConditionKind.INFIX, optional=True):
            yield of("gin", key.text, is_expression=key.is_expression, operator_class=operators)
    for key in access.keys(ConditionKind.PREFIX, optional=True):
        column = table.columns.get(key.text)
        if column is not None and column.type_category == "S" and not column.type.startswith("character("):
            yield of("btree", key.text, is_expression=False, operator_class="text_pattern_ops")
    for key in access.keys(ConditionKind.RANGE):
        column = table.columns.get(key.text)
        ordered = column is not None and column.is_analysed and abs(column.correlation) >= _ORDERED
        if ordered and column is not None and column.type_category in _RANGED and table.pages >= _LARGE_PAGES:
            yield of("brin", key.text, is_expression=False)

"""What reads a table whole by the content of documents and arrays is never passed over in silence."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from advisor.model.database.index_advice import UnpricedIndex, WorkloadStatement
from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.sql.relations import Relations
from advisor.whatif.index.catalogue.tables import ExistingIndex, TableFacts
from advisor.whatif.index.search.unpriced import unpriced_for
from advisor.whatif.index.search.workload import read_all
from tests.unit.whatif.index.tables import a_column, a_table

EVENTS = (
    a_column("id"),
    a_column("data", type="jsonb", type_category="U"),
    a_column("tags", type="text[]", type_category="A"),
    a_column("during", type="tstzrange", type_category="R"),
    a_column("place", type="point", type_category="G"),
)
REFUSED = "hypopg: access method is not supported"


def on(column: str, method: str) -> IndexDesign:
    return IndexDesign(schema="public", table="t", keys=plain_keys(column), access_method=method)


BY_HYPOPG = {on("data", "gin"): REFUSED, on("tags", "gin"): REFUSED, on("during", "gist"): REFUSED}


def unpriced(
    condition: str,
    table: TableFacts | None = None,
    *,
    cost: float = 5000,
    refused: Mapping[IndexDesign, str] = MappingProxyType(BY_HYPOPG),
) -> list[UnpricedIndex]:
    table = table or a_table(*EVENTS)
    text = f"SELECT id FROM t WHERE {condition}"
    relations = Relations(columns={table.name: tuple(table.columns)})
    (read,), _ = read_all([WorkloadStatement(id="1", text=text)], relations)
    return list(unpriced_for(read, {table.name: table}, refused, cost))


@pytest.mark.parametrize(
    ("condition", "said", "built"),
    [
        ("data @> $1", f"GIN index on public.t (data), which is advised but not priced: {REFUSED}", 'gin ("data")'),
        ("data ? $1", "GIN index on public.t (data)", 'gin ("data")'),
        ("tags && ARRAY[$1, $2]", "GIN index on public.t (tags)", 'gin ("tags")'),
        ("during && $1", "GIST index on public.t (during)", 'gist ("during")'),
        ("$1 = ANY (tags)", "needs to be written as tags @> ARRAY[value]", 'gin ("tags")'),
        ("data ->> $1 = $2", "index on public.t ((data ->> $1))", ""),
        ("(data -> $1 ->> $2)::int > $3", "index on public.t (((data -> $1) ->> $2))", ""),
    ],
)
def test_the_index_that_would_serve_is_named_with_the_reason(condition: str, said: str, built: str) -> None:
    (found,) = unpriced(condition)
    assert said in found.reason
    assert built in found.ddl
    assert bool(found.ddl) is bool(built)
    assert found.needs_code is (condition.startswith(("$1 = ANY", "data ->>", "(data")))


@pytest.mark.parametrize(
    "condition", ["id = $1", "id = ANY ($1)", "place <@ $1", "data ->> 'name' = $1", "tags <> ALL ($1)"]
)
def test_what_other_indexes_serve_or_nobody_knows_is_left_to_others(condition: str) -> None:
    assert unpriced(condition) == []


def test_a_price_that_rests_on_a_guess_is_none() -> None:
    refused: dict[IndexDesign, str] = {}
    (found,) = unpriced("data @> $1", refused=refused)
    assert found.reason.endswith("advised but not priced: how many rows contain $n is anybody's guess")
    assert unpriced("data @> '[1]'", refused=refused) == []


def test_a_statement_that_does_not_read_the_table_whole_needs_none() -> None:
    # The table has 1,000 pages.
    assert unpriced("data @> $1", cost=999) == []


def test_an_index_that_is_there_is_not_advised_again() -> None:
    there = ExistingIndex(
        name="t_tags",
        definition="",
        access_method="gin",
        keys=("tags",),
        include=(),
        predicate="",
        is_unique=False,
        is_valid=True,
        constraint="",
        size_bytes=8192,
    )
    table = a_table(*EVENTS, indexes=(there,))
    assert unpriced("tags && $1", table) == []
    (found,) = unpriced("$1 = ANY (tags)", table)
    assert found.reason == "no index serves = ANY (tags): it needs to be written as tags @> ARRAY[value]"
    assert found.ddl == ""

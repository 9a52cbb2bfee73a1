"""Indexes that could go once the advised ones are built. Pure."""

from collections.abc import Iterator, Sequence

from advisor.model.database.index_advice import DropSuggestion
from advisor.model.database.index_design import IndexDesign
from advisor.sql.identifier import quoted
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.search.existing import outdone


def outdone_by(designs: Sequence[IndexDesign], catalogue: Catalogue) -> Iterator[DropSuggestion]:
    """What the advised indexes leave without work, once each."""
    named: set[str] = set()
    for design in designs:
        for index in outdone(design, catalogue.tables[TableName(design.schema, design.table)]):
            if index.name in named:
                continue
            named.add(index.name)
            yield DropSuggestion(
                schema=design.schema,
                table=design.table,
                name=index.name,
                reason=f"{design.name}, once it is built, begins with the same keys",
                size_bytes=index.size_bytes,
                ddl=f"DROP INDEX CONCURRENTLY {quoted(design.schema)}.{quoted(index.name)}",
                undo_ddl=index.definition.replace("CREATE INDEX ", "CREATE INDEX CONCURRENTLY ", 1),
            )

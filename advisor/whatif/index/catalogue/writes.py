"""What an index costs whoever writes. Pure.

An index entry costs about 20 microseconds to write, log and later vacuum (measured on cached B-trees of a million
entries; a GIN index splits a value into several, a BRIN index hardly notices). An UPDATE that changes no indexed
column is kept within its page (HOT) and touches no index: an index on a column that updates change takes that from
them, and then every index of the table gets an entry.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from advisor.model.database.index_design import IndexDesign
from advisor.model.database.writes import WriteRates
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import TableFacts

_ENTRY_SECONDS = 20e-6
_OF_METHOD = {"gin": 5.0, "brin": 0.02}
_VACUUM_SHARE = 0.3


def of_tables(
    rates: Mapping[tuple[str, str], WriteRates], tables: Mapping[TableName, TableFacts]
) -> dict[TableName, WriteRates]:
    """The same by table, a partitioned one being all its parts; without those that nothing is known of."""
    found: dict[TableName, WriteRates] = {}
    for name, facts in tables.items():
        parts = [rates[part] for part in facts.partitions or (name,) if part in rates]
        if parts:
            found[name] = sum(parts, WriteRates())
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """rates: None where the statistics say nothing. changed: columns that UPDATEs of the workload write."""

    rates: Mapping[TableName, WriteRates]
    changed: Collection[tuple[TableName, str]]
    indexes: Mapping[TableName, int]

    def seconds_per_second(self, design: IndexDesign) -> float | None:
        """What writers spend on the index; None when the table's writes are not known."""
        table = TableName(design.schema, design.table)
        rates = self.rates.get(table)
        if rates is None:
            return None
        entry = _ENTRY_SECONDS * _OF_METHOD.get(design.access_method, 1.0)
        if self.loses_hot(design):
            others = self.indexes.get(table, 0)
            updates = rates.updated * entry + rates.hot * others * _ENTRY_SECONDS
        else:
            updates = (rates.updated - rates.hot) * entry
        return rates.inserted * entry + updates + rates.deleted * _VACUUM_SHARE * entry

    def loses_hot(self, design: IndexDesign) -> bool:
        """Whether updates of the workload change what the index holds. BRIN does not stand in HOT's way."""
        if design.access_method == "brin":
            return False
        return any(holds(design, table, column) for table, column in self.changed)


def holds(design: IndexDesign, table: TableName, column: str) -> bool:
    """Whether a change of the column changes what is in the index."""
    texts = [*design.columns, *design.include, design.predicate]
    return table == (design.schema, design.table) and any(column in text for text in texts)

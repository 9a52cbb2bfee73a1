"""A schema in few words, and its rows.

A line a table: its name, its rows, its columns, and behind a bar the indexes that the application makes:

    posts 200000: author_id>users, parent_id>posts?, state:int(4), slug:text, created_at:time | (author_id, state)

Every table has a key `id`, but for one whose name begins with ~. A column is `name>table` where it points to another
table's key, or `name:kind`: int(k), word(k) and text(k) with k values, the first ones more often than the last; text
with one of its own in every row; time, rising with the key; bool, true in a tenth; num; json. With ? behind it nine
rows of ten have nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import psycopg

_LINE = re.compile(r"(?P<bare>~?)(?P<name>\w+) (?P<rows>\d+): (?P<columns>[^|]*)(?:\| (?P<indexes>.*))?$")
_COLUMN = re.compile(r"(?P<name>\w+)(?:>(?P<target>\w+)|:(?P<kind>\w+)(?:\((?P<values>\d+)\))?)(?P<rare>\??)$")
_INDEX = re.compile(r"(unique )?\(([^()]+)\)")
_TYPES = {
    "int": "int",
    "word": "text",
    "text": "text",
    "time": "timestamptz",
    "bool": "boolean",
    "num": "numeric(10,2)",
}
_TYPES["json"] = "jsonb"


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    rows: int
    columns: Sequence[re.Match[str]]
    indexes: Sequence[tuple[str, str]]
    has_id: bool

    def definition(self) -> str:
        columns = ["id bigint PRIMARY KEY"] if self.has_id else []
        columns += [f"{one['name']} {_TYPES[one['kind']] if one['kind'] else 'bigint'}" for one in self.columns]
        return f"CREATE TABLE {self.name} ({', '.join(columns)})"


@dataclass(frozen=True)
class Application:
    """name: what it is of the shape of. text: as above. statements: 25 that it sends, with their constants."""

    name: str
    text: str
    statements: Sequence[str]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Raises ValueError for a line that is none."""
        return {table.name: table for table in map(_table, self.text.strip().splitlines())}

    def load(self, dsn: str) -> None:
        """Fill an empty database; rows are the same every time."""
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SELECT setseed(0.25)")
            for statement in self._statements():
                connection.execute(statement.encode())
            connection.execute("VACUUM (ANALYZE)")

    def _statements(self) -> Iterator[str]:
        for table in self.tables.values():
            yield table.definition()
            values = ["n"] if table.has_id else []
            values += [self._value(table, column) for column in table.columns]
            yield f"INSERT INTO {table.name} SELECT {', '.join(values)} FROM generate_series(1, {table.rows}) n"
            for unique, columns in table.indexes:
                yield f"CREATE {unique}INDEX ON {table.name} ({columns})"

    def _value(self, table: Table, column: re.Match[str]) -> str:
        most = int(column["values"] or 0)
        drawn = f"(power(random(), 2) * {max(0, most - 1)})::int"
        match column["kind"]:
            case None:
                value = f"1 + (power(random(), 1.5) * {max(0, self.tables[column['target']].rows - 1)})::bigint"
            case "int":
                value = drawn
            case "word":
                value = f"'{column['name']}-' || {drawn}"
            case "text":
                value = f"md5('{column['name']}' || {drawn if most else 'n'})"
            case "time":
                value = f"timestamptz '2025-01-01' + n * (interval '1 year' / {max(1, table.rows)})"
            case "bool":
                value = "random() < 0.1"
            case "num":
                value = "(random() * 1000)::numeric(10,2)"
            case "json":
                value = "jsonb_build_object('source', 's' || (random() * 20)::int, 'ref', md5(n::text))"
            case other:
                raise ValueError(f"{table.name}.{column['name']}: {other} is no kind")
        return f"CASE WHEN random() < 0.1 THEN {value} END" if column["rare"] else value


def _table(line: str) -> Table:
    found = _LINE.match(line.strip())
    if found is None:
        raise ValueError(f"no table: {line}")
    columns = [_COLUMN.match(one.strip()) for one in found["columns"].split(", ")]
    if None in columns:
        raise ValueError(f"a column of {found['name']} is none: {found['columns']}")
    indexes = [(unique, names) for unique, names in _INDEX.findall(found["indexes"] or "")]
    return Table(found["name"], int(found["rows"]), [one for one in columns if one], indexes, not found["bare"])

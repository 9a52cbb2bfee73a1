"""An order's text is read by a strict grammar; whatever is not exactly one plain statement is refused unrun."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.knobs.postgres.index_definition import Mark, definition_of, read_mark
from advisor.model.errors import KnobError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.settings.postgres import PostgresSettings

DDL = 'CREATE INDEX CONCURRENTLY "advisor_author" ON "public"."message" USING btree ("author", "id")'
UNREACHABLE = PostgresSettings(builder_dsn=SecretStr("postgresql://nobody@127.0.0.1:1/nowhere"))


def order(new: object = DDL, **target: str) -> Order:
    named = {"database": "main", "schema": "public", "table": "message", "index": "advisor_author", **target}
    return Order(
        change_id="chg_a",
        target=knob_target("postgres.index", **named),
        old=None,
        new=new,  # type: ignore[arg-type]
        epoch=1,
    )


def test_a_plain_statement_is_taken_apart() -> None:
    definition = definition_of(order())
    assert (definition.schema, definition.table, definition.name) == ("public", "message", "advisor_author")
    assert definition.columns == ("author", "id")


@pytest.mark.parametrize(
    "text",
    [
        DDL + "; DROP TABLE message",
        DDL.replace("CONCURRENTLY ", ""),
        DDL.replace('("author", "id")', "(lower(author))"),
        DDL.replace('"', ""),
        "DROP TABLE message",
        "",
        7,
        None,
    ],
)
def test_an_order_that_is_not_one_plain_statement_is_never_run(text: object) -> None:
    knob = PostgresIndexKnob(UNREACHABLE)
    for write in (knob.apply, knob.restore, knob.renew):
        with pytest.raises(KnobError, match="is not one plain CREATE INDEX CONCURRENTLY"):
            write(order(text))
    assert knob.inspect(order(text)).kind is KnobState.UNKNOWN


def test_an_order_to_replace_something_is_refused() -> None:
    with pytest.raises(KnobError, match="is not one plain CREATE INDEX CONCURRENTLY"):
        definition_of(replace(order(), old="an index"))


def test_an_order_about_another_index_than_its_target_is_refused() -> None:
    for target in ({"index": "advisor_else"}, {"table": "other"}, {"schema": "private"}):
        with pytest.raises(KnobError, match="about another index than its target"):
            definition_of(order(**target))


@pytest.mark.parametrize("name", ["a" * 64, "\u00e9" * 32])
def test_a_name_of_more_than_63_bytes_is_refused_as_the_server_would_cut_it(name: str) -> None:
    too_long = order(DDL.replace("advisor_author", name), index=name)
    with pytest.raises(KnobError, match="has 64 bytes, 63 are allowed"):
        definition_of(too_long)
    with pytest.raises(KnobError, match="has 64 bytes, 63 are allowed"):
        definition_of(order(DDL.replace('"author"', f'"{name}"')))


def test_a_name_with_a_null_character_is_refused() -> None:
    with pytest.raises(KnobError, match="null character"):
        definition_of(order(DDL.replace('"author"', '"a\0b"')))


def test_only_an_exact_mark_is_ours() -> None:
    mark = Mark(change="chg_a", epoch=7)
    assert read_mark(str(mark)) == mark
    for comment in (None, "", "advisor chg_a", "advisor chg_a term", f"{mark} and more", "advisor chg a term 7"):
        assert read_mark(comment) is None


@pytest.mark.parametrize(
    "rest",
    [
        'btree ("author" DESC NULLS LAST, (lower(body)) text_pattern_ops) INCLUDE ("id")',
        """btree ("id") WHERE (status = 'a;"b"') AND (kind IN ('x', 'y'))""",
        'gin ("tags")',
        'gin ("body" "public".gin_trgm_ops)',
        'brin ("created_at")',
    ],
)
def test_every_kind_of_index_that_is_advised_can_be_ordered(rest: str) -> None:
    text = f'CREATE INDEX CONCURRENTLY "advisor_author" ON "public"."message" USING {rest}'
    definition = definition_of(order(text))
    written = definition.create().as_string()
    assert definition_of(order(written)) == definition
    assert written.partition(" WHERE ")[0] == text.partition(" WHERE ")[0]


@pytest.mark.parametrize(
    "text",
    [
        DDL + " WHERE id = (SELECT 1)",
        DDL + " WHERE id = $1",
        DDL + " WHERE id = 1;",
        DDL + " TABLESPACE fast",
        DDL + " WITH (fillfactor = 50)",
        DDL.replace("CREATE INDEX", "CREATE UNIQUE INDEX"),
        DDL.replace("btree", "hash"),
        DDL.replace('"id")', '"id" COLLATE "C")'),
    ],
)
def test_what_an_index_of_ours_never_has_is_refused(text: str) -> None:
    with pytest.raises(KnobError, match="is not one plain CREATE INDEX CONCURRENTLY"):
        definition_of(order(text))

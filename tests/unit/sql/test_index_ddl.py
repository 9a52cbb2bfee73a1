"""The statements that build and drop an index."""

from advisor.model.database.index_design import IndexDesign, IndexKey, plain_keys
from advisor.sql.index_ddl import build_statements, create_statement, drop_statements
from advisor.sql.relations import TableName


def test_everything_an_index_may_have_is_written_out() -> None:
    design = IndexDesign(
        schema="public",
        table="Order items",
        keys=(
            IndexKey(text='a"b', descending=True),
            IndexKey(text="lower(title)", is_expression=True, operator_class="text_pattern_ops"),
            IndexKey(text="c", descending=True, nulls_first=True),
        ),
        include=("d",),
        predicate="status = 'open'",
    )
    assert create_statement(design, name="i") == (
        'CREATE INDEX CONCURRENTLY "i" ON "public"."Order items" USING btree ("a""b" DESC NULLS LAST,'
        ' (lower(title)) text_pattern_ops, "c" DESC) INCLUDE ("d") WHERE status = \'open\''
    )


def test_a_partitioned_table_gets_its_index_part_by_part() -> None:
    design = IndexDesign(schema="s", table="t", keys=plain_keys("a"))
    statements = build_statements(design, [TableName("s", "t_1"), TableName("s", "t_2")])
    assert statements == (
        'CREATE INDEX "adv_t_a" ON ONLY "s"."t" USING btree ("a")',
        'CREATE INDEX CONCURRENTLY "adv_t_1_a" ON "s"."t_1" USING btree ("a")',
        'ALTER INDEX "s"."adv_t_a" ATTACH PARTITION "s"."adv_t_1_a"',
        'CREATE INDEX CONCURRENTLY "adv_t_2_a" ON "s"."t_2" USING btree ("a")',
        'ALTER INDEX "s"."adv_t_a" ATTACH PARTITION "s"."adv_t_2_a"',
    )
    assert drop_statements(design, [TableName("s", "t_1")]) == ('DROP INDEX IF EXISTS "s"."adv_t_a"',)


def test_names_stay_within_63_bytes_and_apart() -> None:
    long = IndexDesign(schema="s", table="t" * 60, keys=plain_keys("ä" * 30))
    other = IndexDesign(schema="s", table="t" * 60, keys=plain_keys("ä" * 29))
    covering = IndexDesign(schema="s", table="t", keys=plain_keys("a"), include=("b",))
    assert len(long.name.encode()) <= 63
    assert long.name != other.name
    assert covering.name != IndexDesign(schema="s", table="t", keys=plain_keys("a")).name

"""Plans statements on a user's server by one constant DO block, which gets all it works on as parameters.

A statement that is explained as it is leaves an entry of its own in pg_stat_statements, with a user's literals in it,
and that view has room for so many. Inside a block nothing is recorded as long as pg_stat_statements.track is "top", the
default, and the block itself is always the same text.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from advisor.clients.postgres_held import refusable
from advisor.model.query_plan import GENERIC_PLAN_SINCE
from advisor.sql.parse import nodes, parsed

GENERIC = "EXPLAIN (GENERIC_PLAN, FORMAT JSON) "
GENERIC_VERBOSE = "EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) "
"""Begins what is planned whatever its parameters; before PostgreSQL 16 the block does the same with PREPARE."""

_NEAR_SECONDS = 5.0
_SHORTEN = (
    "SELECT set_config('statement_timeout', least(%s, nullif(reset_val::int, 0))::text, false)"
    " FROM pg_catalog.pg_settings WHERE name = 'statement_timeout' /* advisor */"
)
"""In milliseconds, never more than the session began with."""
_ORDER = "SELECT set_config('advisor.block', %s, false) /* advisor */"
_BLOCK = """DO $block$
DECLARE
    task jsonb := current_setting('advisor.block')::jsonb;
    made jsonb := '[]';
    part text;
    number oid;
    size bigint;
    plan text := '';
BEGIN
    FOR part IN SELECT jsonb_array_elements_text(task->'drop') LOOP
        EXECUTE format('SELECT %s.hypopg_drop_index($1)', task->>'schema') USING part::oid;
    END LOOP;
    FOR part IN SELECT jsonb_array_elements_text(task->'create') LOOP
        EXECUTE format('SELECT indexrelid, %1$s.hypopg_relation_size(indexrelid) FROM %1$s.hypopg_create_index($1)',
            task->>'schema') INTO number, size USING part;
        made := made || jsonb_build_array(jsonb_build_array(number::bigint, size));
    END LOOP;
    IF task->>'prepare' <> '' THEN
        PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
        IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statements WHERE name = 'advisor_plan') THEN
            EXECUTE 'DEALLOCATE advisor_plan';
        END IF;
        EXECUTE 'PREPARE advisor_plan AS ' || (task->>'prepare');
    END IF;
    IF task->>'explain' <> '' THEN
        EXECUTE task->>'explain' INTO plan;
    END IF;
    IF task->>'prepare' <> '' THEN
        EXECUTE 'DEALLOCATE advisor_plan';
    END IF;
    PERFORM set_config('advisor.made', made::text, false), set_config('advisor.plan', plan, false);
END $block$ /* advisor */"""
_ANSWER = "SELECT current_setting('advisor.made')::json, current_setting('advisor.plan') /* advisor */"


class _LenientText(Loader):
    """HypoPG cuts a long name after 63 bytes, in the middle of a letter if need be: what is left is no UTF-8."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockAnswer:
    """made: number and size of each hypothetical index, in the order of their statements. plan: None without a text."""

    made: tuple[tuple[int, int], ...]
    plan: Any


@dataclass(frozen=True, slots=True)
class PlanningBlock:
    """On one connection. schema: where HypoPG's functions are, quoted; "" without it. seconds_left: for a run,
    where that may become less than the session's own limit."""

    connection: psycopg.Connection[Any]
    schema: str = ""
    seconds_left: Callable[[], float] = lambda: math.inf

    def run(self, text: str = "", *, drop: Sequence[int] = (), create: Sequence[str] = ()) -> BlockAnswer:
        """Drop hypothetical indexes, create others, then plan: one trip to the server.

        text: one EXPLAIN (FORMAT JSON); "" to plan nothing. Raises psycopg.Error; what was created before the fault
        may still be there: `reset` then.
        """
        prepare, explain = self._generically(text) if text.startswith((GENERIC, GENERIC_VERBOSE)) else ("", text)
        task = {"schema": self.schema, "drop": list(drop), "create": list(create), "prepare": prepare}
        order = json.dumps({**task, "explain": explain}, ensure_ascii=False)
        answer = self.connection.cursor()
        answer.adapters.register_loader("text", _LenientText)
        with refusable(self.connection), self.connection.pipeline():
            left = self.seconds_left()
            if left < _NEAR_SECONDS:
                self.connection.execute(_SHORTEN, (max(1, round(left * 1000)),))
            self.connection.execute(_ORDER, (order,))
            self.connection.execute(_BLOCK.encode())
            answer.execute(_ANSWER)
        row = answer.fetchone()
        if row is None:
            raise psycopg.OperationalError("the planning block gave no answer")
        made, plan = row
        return BlockAnswer(made=tuple(map(tuple, made)), plan=json.loads(plan) if plan else None)

    def reset(self) -> None:
        """As if nothing had been created. A limit that has run out does not end this, too."""
        if self.schema:
            if self.seconds_left() < _NEAR_SECONDS:
                self.connection.execute(_SHORTEN, (round(_NEAR_SECONDS * 1000),))
            self.connection.execute(f"SELECT {self.schema}.hypopg_reset() /* advisor */".encode())

    def _generically(self, text: str) -> tuple[str, str]:
        is_verbose = text.startswith(GENERIC_VERBOSE)
        statement = text.removeprefix(GENERIC_VERBOSE if is_verbose else GENERIC)
        if self.connection.info.server_version >= GENERIC_PLAN_SINCE:
            return "", text
        count = max((node.number for node in nodes(parsed(statement), "ParamRef")), default=0)
        nulls = f"({', '.join(['NULL'] * count)})" if count else ""
        return statement, f"EXPLAIN ({'VERBOSE, ' * is_verbose}FORMAT JSON) EXECUTE advisor_plan{nulls}"

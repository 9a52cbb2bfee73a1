"""Advice on indexes for a whole workload."""

from dataclasses import dataclass, field

from advisor.model.database.index_design import IndexDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadStatement:
    """One statement of a workload. calls: over the window. load: seconds of the server's time it takes in a second; 0
    when not known (a file of SQL). rows_a_call: that it returned or changed, in the mean; None when not known.
    search_paths: of the sessions that ran it; None for the reading session's own."""

    id: str
    text: str
    calls: int = 0
    load: float = 0.0
    rows_a_call: float | None = None
    search_paths: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpedStatement:
    """A statement whose plan uses an index that is advised; costs in the planner's units, of all advice together.

    drawn: conditions whose constants are not on record, and were drawn from the statistics of their columns, such as
    "public.orders.o_orderdate <".
    """

    id: str
    text: str
    cost_before: float
    cost_after: float
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnConstants:
    """Constants of one statement that are on record nowhere, and that decide on an index.

    statement: its id. conditions: theirs, such as "public.orders.o_orderdate <". otherwise: with which other ones the
    search decides otherwise, such as "more rows meet them".
    """

    statement: str
    conditions: tuple[str, ...]
    otherwise: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSuggestion:
    """One index to build.

    method: hypothetical, clone or heuristic. ddl, undo_ddl: statements in order. write_seconds_per_second: what writers
    spend on it at the rates seen, None when those are not known. rests_on: constants that were drawn, and without which
    the search does not choose it.
    """

    design: IndexDesign
    size_bytes: int
    method: str
    queries: tuple[HelpedStatement, ...]
    ddl: tuple[str, ...]
    undo_ddl: tuple[str, ...]
    write_seconds_per_second: float | None = None
    notes: tuple[str, ...] = ()
    rests_on: tuple[DrawnConstants, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropSuggestion:
    """One index that could go. ddl: drops it; undo_ddl: builds it again."""

    schema: str
    table: str
    name: str
    reason: str
    size_bytes: int
    ddl: str
    undo_ddl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpricedIndex:
    """An index that would serve a statement, and that nothing at hand can price. statement: its id.

    ddl, undo_ddl: "" where the index depends on what only the application knows, or is there and cannot be used.
    needs_code: the statement has to be written anew, too.
    """

    statement: str
    schema: str
    table: str
    reason: str
    ddl: str = ""
    undo_ddl: str = ""
    needs_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherIndex:
    """An index that is not advised, and that the search chooses if constants that were drawn are others.

    index: as CREATE INDEX has it after ON; $1 in its predicate is a value that nobody knows.
    """

    schema: str
    table: str
    index: str
    rests_on: tuple[DrawnConstants, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedStatement:
    """A statement that was not planned, or that needs an index that is not priced, and why."""

    id: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAdvice:
    """The answer for one workload. cost_before, cost_after: summed over the
    statements that were planned, each times its calls where they are known. left_alone: tables that get none, and why.
    ended_by: what ended the search. planner_notes: what the planner that priced could not see. other: what constants
    that are not on record would change."""

    indexes: tuple[IndexSuggestion, ...]
    drop: tuple[DropSuggestion, ...] = ()
    skipped: tuple[SkippedStatement, ...] = ()
    left_alone: tuple[str, ...] = ()
    statements: tuple[HelpedStatement, ...] = field(default=())
    cost_before: float = 0.0
    cost_after: float = 0.0
    what_if_calls: int = 0
    elapsed_seconds: float = 0.0
    ended_by: str = ""
    planner_notes: tuple[str, ...] = ()
    unpriced: tuple[UnpricedIndex, ...] = ()
    other: tuple[OtherIndex, ...] = ()

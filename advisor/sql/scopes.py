"""Which table a column's name means, at each place of a statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from advisor.sql.access import Access
from advisor.sql.parse import UnreadableStatementError, numbers_in, parsed
from advisor.sql.relations import Relations, TableName

_DEEPEST_VIEW = 16
_ANY_SUB_LINK = 3  # SubLinkType of libpg_query: x IN (SELECT ...)


@dataclass(frozen=True, slots=True)
class Place:
    """A column of one access."""

    access: Access
    column: str


@dataclass(slots=True)
class Derived:
    """A sub-select, view or common table expression under a name; outputs: what is plainly a column of a table.

    listed: of VALUES, the numbers of the parameters in each column.
    """

    outputs: dict[str, Place] = field(default_factory=dict)
    listed: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Scope:
    """The names of one SELECT, UPDATE or DELETE, within those around it. inside: of the sub-selects, with the node of
    each."""

    outer: "Scope | None" = None
    names: dict[str, Access | Derived] = field(default_factory=dict)
    expressions: dict[str, Derived] = field(default_factory=dict)
    inside: list[tuple[Any, "Scope"]] = field(default_factory=list)

    def accesses(self) -> Iterator[Access]:
        yield from (known for known in self.names.values() if isinstance(known, Access))

    def places(self, node: Any) -> Iterator[Place | None]:
        """Of every ColumnRef in `node`, as the sub-select means it in which it stands."""
        if node.DESCRIPTOR.name == "ColumnRef":
            yield self.place(node)
            return
        scope = next((inner for select, inner in self.inside if select is node), self)
        for descriptor, value in node.ListFields():
            if descriptor.message_type is not None:
                for child in value if descriptor.is_repeated else (value,):
                    yield from scope.places(child)

    def place(self, reference: Any) -> Place | None:
        """The place of a ColumnRef; None when it is not clear, or no column of a table."""
        words = [part.string.sval for part in reference.fields if part.WhichOneof("node") == "string"]
        if not words or len(words) != len(reference.fields):
            return None
        return self._qualified(words[-2], words[-1]) if len(words) > 1 else self._bare(words[0])

    def _qualified(self, name: str, column: str) -> Place | None:
        known = self.names.get(name)
        if known is None:
            return self.outer._qualified(name, column) if self.outer else None
        return _column_of(known, column)

    def _bare(self, column: str) -> Place | None:
        found = [place for known in self.names.values() if (place := _column_of(known, column)) is not None]
        if found:
            return found[0] if len(found) == 1 else None
        hidden = any(isinstance(known, Derived) for known in self.names.values())
        return self.outer._bare(column) if self.outer and not hidden else None

    def listed(self, reference: Any) -> tuple[int, ...]:
        """The numbers of the parameters in a column of VALUES; none when the ColumnRef is anything else."""
        words = [part.string.sval for part in reference.fields if part.WhichOneof("node") == "string"]
        known = [self.names.get(words[-2])] if len(words) > 1 else self.names.values()
        found = [
            one.listed[words[-1]] for one in known if isinstance(one, Derived) and words and words[-1] in one.listed
        ]
        return found[0] if len(found) == 1 else ()

    def expression(self, name: str) -> Derived | None:
        """The common table expression of this name."""
        return self.expressions.get(name) or (self.outer.expression(name) if self.outer else None)


def _column_of(known: Access | Derived, column: str) -> Place | None:
    if isinstance(known, Derived):
        return known.outputs.get(column)
    return Place(known, column) if column in known.columns else None


@dataclass(slots=True)
class Reading:
    """One pass over a statement: its scopes in reading order, each with its node, and its accesses.

    paths: the search paths of the sessions that ran it, None for that of `relations`. unclear: names without a schema
    that may mean several tables. bare: what each other one means, by its place in the text. inserted: tables that rows
    are added to, as far as their names are clear.
    """

    relations: Relations
    accesses: list[Access] = field(default_factory=list)
    scopes: list[tuple[Scope, Any]] = field(default_factory=list)
    memberships: list[tuple[Scope, Any, Place]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    paths: Sequence[Sequence[str]] | None = None
    unclear: dict[str, tuple[TableName, ...]] = field(default_factory=dict)
    bare: dict[int, TableName] = field(default_factory=dict)
    depth: int = 0
    inserted: list[TableName] = field(default_factory=list)

    def read(self, node: Any, outer: Scope | None = None) -> Derived:
        """Enter a SELECT, UPDATE, DELETE, INSERT or MERGE and all that it holds."""
        scope = Scope(outer)
        if outer is not None:
            outer.inside.append((node, scope))
        for item in node.with_clause.ctes if node.HasField("with_clause") else ():
            cte = item.common_table_expr
            scope.expressions[cte.ctename] = Derived()  # for a recursive one
            scope.expressions[cte.ctename] = self._sub(cte.ctequery, scope)
        if node.DESCRIPTOR.name == "SelectStmt":
            return self._select(node, scope)
        if node.DESCRIPTOR.name == "InsertStmt":
            self.inserted += self._target(node.relation)
            return self._sub(node.select_stmt, scope) if node.HasField("select_stmt") else Derived()
        self._relation(node.relation, scope)
        extra = {"UpdateStmt": "from_clause", "DeleteStmt": "using_clause"}.get(node.DESCRIPTOR.name)
        for item in getattr(node, extra) if extra else (node.source_relation,):
            self._from(item, scope)
        self.scopes.append((scope, node))
        self._below(node, scope)
        return Derived()

    def _select(self, node: Any, scope: Scope) -> Derived:
        if node.HasField("larg"):
            left = self.read(node.larg, scope)
            self.read(node.rarg, scope)
            return Derived() if node.op else left
        for item in node.from_clause:
            self._from(item, scope)
        self.scopes.append((scope, node))
        self._below(node, scope)
        return Derived(_outputs(node, scope))

    def _sub(self, node: Any, scope: Scope) -> Derived:
        kind = node.WhichOneof("node")
        statement = getattr(node, kind) if kind else None
        readable = kind in ("select_stmt", "update_stmt", "delete_stmt", "insert_stmt", "merge_stmt")
        return self.read(statement, scope) if statement is not None and readable else Derived()

    def _from(self, node: Any, scope: Scope) -> None:
        match node.WhichOneof("node"):
            case "range_var":
                self._relation(node.range_var, scope)
            case "join_expr":
                self._from(node.join_expr.larg, scope)
                self._from(node.join_expr.rarg, scope)
            case "range_subselect":
                around = scope if node.range_subselect.lateral else scope.outer
                inside = Scope(around, {}, scope.expressions)
                derived = self._sub(node.range_subselect.subquery, inside)
                derived.listed = _listed(node.range_subselect)
                scope.names[node.range_subselect.alias.aliasname] = derived
            case "range_function" | "range_table_func":
                scope.names[getattr(node, node.WhichOneof("node")).alias.aliasname] = Derived()
            case _:
                pass

    def _relation(self, relation: Any, scope: Scope) -> None:
        alias = relation.alias.aliasname or relation.relname
        cte = None if relation.schemaname else scope.expression(relation.relname)
        if cte is not None:
            scope.names[alias] = cte
            return
        found = self._meant(relation)
        if found is None:
            scope.names[alias] = Derived()
        elif found in self.relations.views:
            scope.names[alias] = self._view(self.relations.views[found])
        else:
            access = Access(len(self.accesses), found, self.relations.columns[found])
            self.accesses.append(access)
            scope.names[alias] = access

    def _meant(self, relation: Any) -> TableName | None:
        """A name in a view means what it means to whoever read the view's text, however the statement's are meant."""
        schema, name = relation.schemaname, relation.relname
        if schema or self.paths is None or self.depth:
            found = self.relations.find(schema, name)
            self.unknown += [] if found else [f"{schema}.{name}".lstrip(".")]
            return found
        meant = self.relations.meant(name, self.paths)
        self.unknown += [] if meant else [name]
        if len(meant) != 1:
            self.unclear.update({name: meant} if meant else {})
            return None
        self.bare[relation.location] = meant[0]
        return meant[0]

    def _target(self, relation: Any) -> tuple[TableName, ...]:
        """Of an INSERT, which reads nothing of it; none where it is not clear."""
        if relation.schemaname or self.paths is None:
            found = self.relations.find(relation.schemaname, relation.relname)
            return (found,) if found else ()
        meant = self.relations.meant(relation.relname, self.paths)
        return tuple(meant) if len(meant) == 1 else ()

    def _view(self, text: str) -> Derived:
        if self.depth >= _DEEPEST_VIEW:
            return Derived()
        self.depth += 1
        try:
            return self.read(parsed(text))
        except UnreadableStatementError:
            return Derived()
        finally:
            self.depth -= 1

    def _below(self, node: Any, scope: Scope) -> None:
        """Sub-selects in conditions and targets; those of FROM and WITH were entered already."""
        for descriptor, value in node.ListFields():
            if descriptor.message_type is None or descriptor.name in ("with_clause", "larg", "rarg"):
                continue
            for child in value if descriptor.is_repeated else (value,):
                name = child.DESCRIPTOR.name
                if name == "SubLink":
                    self._sub_link(child, scope)
                elif name not in ("RangeSubselect", "SelectStmt"):
                    self._below(child, scope)

    def _sub_link(self, link: Any, scope: Scope) -> None:
        inside = self._sub(link.subselect, scope)
        self._below(link.testexpr, scope)
        if link.sub_link_type == _ANY_SUB_LINK and len(inside.outputs) == 1:
            self.memberships.append((scope, link.testexpr, next(iter(inside.outputs.values()))))


def _listed(subselect: Any) -> dict[str, tuple[int, ...]]:
    """Of (VALUES ...) with names for its columns."""
    rows = [row.list.items for row in subselect.subquery.select_stmt.values_lists]
    names = [name.string.sval for name in subselect.alias.colnames]
    return {
        name: tuple(number for value in values for number in numbers_in(value))
        for name, values in zip(names, zip(*rows, strict=False), strict=False)
    }


def _outputs(node: Any, scope: Scope) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for item in node.target_list:
        target = item.res_target
        if target.val.WhichOneof("node") != "column_ref":
            continue
        reference = target.val.column_ref
        if reference.fields[-1].WhichOneof("node") == "a_star":
            for access in scope.accesses():
                found.update({column: Place(access, column) for column in access.columns})
            for known in scope.names.values():
                found.update(known.outputs if isinstance(known, Derived) else {})
            continue
        place = scope.place(reference)
        if place is not None:
            found[target.name or place.column] = place
    return found

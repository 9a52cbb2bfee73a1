"""Which labels the answer to a query may have, told from the query alone."""

from typing import Any

_KEEPS_SERIES = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_WITHOUT_LABELS = frozenset({"time", "pi", "scalar", "vector"})


def may_have(node: Any, label: str) -> bool:
    """Whether a series in the answer to `node`, an expression as parsed, can carry `label`; if in doubt, it can."""
    match type(node).__name__:
        case "NumberLiteral" | "StringLiteral":
            return False
        case "ParenExpr" | "UnaryExpr" | "SubqueryExpr":
            return may_have(node.expr, label)
        case "AggregateExpr":
            return _of_aggregate(node, label)
        case "BinaryExpr":
            shared = getattr(node.modifier, "group_labels", None)
            is_carried = shared is not None and label in getattr(shared, "labels", shared)
            return is_carried or may_have(node.lhs, label) or may_have(node.rhs, label)
        case "Call":
            return _of_call(node, label)
        case _:
            return True


def _of_aggregate(node: Any, label: str) -> bool:
    operation = str(node.op)
    if operation in _KEEPS_SERIES:
        return may_have(node.expr, label)
    if operation == "count_values" and getattr(node.param, "val", None) == label:
        return True
    if node.modifier is None:
        return False
    is_named = label in node.modifier.labels
    is_kept = is_named if str(node.modifier.type).endswith("By") else not is_named
    return is_kept and may_have(node.expr, label)


def _of_call(node: Any, label: str) -> bool:
    arguments = list(node.args)
    name = node.func.name
    if name in _WITHOUT_LABELS or not arguments:
        return False
    if name in ("label_replace", "label_join"):
        return getattr(arguments[1], "val", None) == label or may_have(arguments[0], label)
    if name == "histogram_quantile" and label == "le":
        return False
    if name in ("absent", "absent_over_time"):
        return True
    return any(may_have(argument, label) for argument in arguments)

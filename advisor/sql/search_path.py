"""Where a session looks bare names up. Pure."""

from advisor.sql.parse import UnreadableStatementError, nodes, tree

_OWN = "$user"


def schemas_of(setting: str, role: str) -> tuple[str, ...]:
    """The schemas of a `search_path` as Postgres keeps it, such as `"$user", public`; none where it cannot be read.

    role: whose session it is, for "$user".
    """
    try:
        names = [constant.sval.sval for constant in nodes(tree(f"SET search_path TO {setting}"), "A_Const")]
    except UnreadableStatementError:
        return ()
    return tuple(dict.fromkeys(role if name == _OWN else name for name in names))

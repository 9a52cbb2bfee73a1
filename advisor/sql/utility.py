"""Commands that pg_stat_statements keeps as they were written, constants and all: a password may be among these."""

import re

_COMMENT = re.compile(r"\s*(?:--[^\n]*(?:\n|$)|/\*.*?\*/)", re.DOTALL)
_KEEPS_NONE = ("select", "insert", "update", "delete", "merge", "with", "values", "table", "(")
"""How statements begin whose constants are kept as $1, $2, ..."""
_LITERAL = re.compile(r"'(?:[^'\\]|''|\\.)*'?|\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL)


def without_literals(text: str) -> str:
    """`text` with '***' for each literal of a utility command; that of any other statement as it is."""
    begin = text
    while found := _COMMENT.match(begin):
        begin = begin[found.end() :]
    if begin.lstrip().lower().startswith(_KEEPS_NONE):
        return text
    return _LITERAL.sub("'***'", text)

"""Identifiers as Postgres reads them."""

import re

from advisor.model.errors import BadDataError

_LONGEST_BYTES = 63
_RESERVED = re.compile(
    r"all|analyse|analyze|and|any|array|as|asc|asymmetric|authorization|binary|both|case|cast|check|collate|"
    r"collation|column|concurrently|constraint|create|cross|current_catalog|current_date|current_role|"
    r"current_schema|current_time|current_timestamp|current_user|default|deferrable|desc|distinct|do|else|end|"
    r"except|false|fetch|for|foreign|freeze|from|full|grant|group|having|ilike|in|initially|inner|intersect|into|"
    r"is|isnull|join|lateral|leading|left|like|limit|localtime|localtimestamp|natural|not|notnull|null|offset|on|"
    r"only|or|order|outer|overlaps|placing|primary|references|returning|right|select|session_user|similar|some|"
    r"symmetric|system_user|table|tablesample|then|to|trailing|true|union|unique|user|using|variadic|verbose|when|"
    r"where|window|with"
)
"""Words that are no name without quotes, or another thing: `user` is the role of the session."""


def quoted(name: str) -> str:
    """`name` in double quotes, any quote in it doubled. Raises BadDataError for a name Postgres cannot have."""
    if not name or "\0" in name or len(name.encode()) > _LONGEST_BYTES:
        raise BadDataError(f"{name!r} is not an identifier of 1 to 63 bytes", where="identifier")
    return '"' + name.replace('"', '""') + '"'


def unquoted(name: str) -> str:
    """A name that Postgres printed, with its quotes only where it needs them, as it is."""
    is_quoted = len(name) > 1 and name[0] == name[-1] == '"'
    return name[1:-1].replace('""', '"') if is_quoted else name


def is_reserved(name: str) -> bool:
    """Whether `name` needs its quotes to stay a name."""
    return _RESERVED.fullmatch(name) is not None

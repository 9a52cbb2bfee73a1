"""Identifiers as Postgres reads them."""

from advisor.model.errors import BadDataError

_LONGEST_BYTES = 63


def quoted(name: str) -> str:
    """`name` in double quotes, any quote in it doubled. Raises BadDataError for a name Postgres cannot have."""
    if not name or "\0" in name or len(name.encode()) > _LONGEST_BYTES:
        raise BadDataError(f"{name!r} is not an identifier of 1 to 63 bytes", where="identifier")
    return '"' + name.replace('"', '""') + '"'

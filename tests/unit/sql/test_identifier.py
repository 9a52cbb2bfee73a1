"""Identifiers go into DDL quoted, whatever somebody called a table."""

import pytest

from advisor.model.errors import BadDataError
from advisor.sql.identifier import quoted, unquoted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("messages", '"messages"'),
        ("Order Items", '"Order Items"'),
        ("select", '"select"'),
        ("größe", '"größe"'),
        ('a"; DROP TABLE users; --', '"a""; DROP TABLE users; --"'),
        ("x" * 63, '"' + "x" * 63 + '"'),
    ],
)
def test_any_name_that_postgres_can_have_is_quoted(name: str, text: str) -> None:
    assert quoted(name) == text
    assert unquoted(text) == unquoted(name) == name


@pytest.mark.parametrize("name", ["", "x" * 64, "ä" * 32, "a\0b"], ids=["empty", "64 bytes", "64 bytes in 32", "NUL"])
def test_a_name_that_postgres_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(BadDataError, match="not an identifier of 1 to 63 bytes"):
        quoted(name)

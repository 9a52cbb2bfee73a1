"""A file of SQL: whatever is wrong with one statement, it is listed, and so are all others."""

import pytest

from advisor.sql.parse import UnreadableStatementError, parsed
from advisor.sql.script import statements

WHOLE = "SELECT 1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("SELECT 1;\nSELECT 2;\n", [WHOLE, "SELECT 2"], id="two"),
        pytest.param("SELECT 1;\nSELECT 2", [WHOLE, "SELECT 2"], id="the last without its semicolon"),
        pytest.param("\ufeffSELECT 1;;\n;", [WHOLE], id="a byte order mark, and semicolons alone"),
        pytest.param("SELECT 1; -- SELECT 2;\n/* ; */", [WHOLE], id="comments"),
        pytest.param(
            "SELECT ';', $$;$$ /* ; */; SELECT 'é;'", ["SELECT ';', $$;$$ /* ; */", "SELECT 'é;'"], id="quoted"
        ),
        pytest.param("", [], id="nothing"),
    ],
)
def test_every_statement_of_a_file_is_found(text: str, found: list[str]) -> None:
    assert statements(text) == found


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        pytest.param("SELECT 1; SELECT a FROM t WHERE (", "SELECT a FROM t WHERE (", id="cut off in brackets"),
        pytest.param("SELECT 1; SELECT 'abc", "SELECT 'abc", id="cut off in quotes"),
        pytest.param('SELECT 1; SELECT "a', 'SELECT "a', id="cut off in a name"),
        pytest.param("SELECT 1; SELECT $x$ a", "SELECT $x$ a", id="cut off in dollar quotes"),
        pytest.param("SELECT 1; /* a", "/* a", id="cut off in a comment"),
        pytest.param("SELECT (1;\nSELECT 1;", "SELECT (1", id="a bracket that does not close"),
        pytest.param("SELECT 'abc;\nSELECT 1;\n", "SELECT 'abc", id="a quote that does not close"),
        pytest.param("SELECT 1 WHERE é = 12abc;\nSELECT 1", "SELECT 1 WHERE é = 12abc", id="what is no word"),
        pytest.param("SELECT 1;\0 SELECT 2", "\0 SELECT 2", id="a zero byte"),
    ],
)
def test_a_statement_that_cannot_be_read_is_listed_and_hides_no_other(text: str, bad: str) -> None:
    found = statements(text)
    assert sorted(found) == sorted([WHOLE, bad])
    with pytest.raises(UnreadableStatementError):
        parsed(bad)


def test_bytes_that_are_no_text_end_one_statement() -> None:
    with pytest.raises(UnreadableStatementError, match="no text"):
        parsed("SELECT '\udcff'")

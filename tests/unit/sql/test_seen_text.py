"""A real text gives a normalised one the constants of its expressions, and none of its values."""

import pytest

from advisor.sql.seen_text import lacks_constants, with_seen_constants


@pytest.mark.parametrize(
    ("kept", "seen", "wanted"),
    [
        pytest.param(
            "SELECT 1 FROM t WHERE doc ->> $1 = $2 AND a = $3",
            "SELECT 1 FROM t WHERE doc ->> 'kind' = 'secret' AND a = 7",
            "SELECT 1 FROM t WHERE (doc ->> 'kind') = $2 AND a = $3",
            id="the key of a document",
        ),
        pytest.param(
            "SELECT 1 FROM t WHERE to_tsvector($1, body) @@ plainto_tsquery($2, $3) LIMIT $4",
            "SELECT 1 FROM t WHERE to_tsvector('english', body) @@ plainto_tsquery('english', 'secret') LIMIT 5",
            "SELECT 1 FROM t WHERE to_tsvector('english', body) @@ plainto_tsquery($2, $3) LIMIT $4",
            id="a text search",
        ),
        pytest.param(
            "SELECT 1 FROM t WHERE (doc ->> $1)::int > $2 ORDER BY coalesce(a, $3)",
            "SELECT 1 FROM t WHERE (doc ->> 'n')::int > 5 ORDER BY coalesce(a, -1)",
            "SELECT 1 FROM t WHERE (doc ->> 'n')::int > $2 ORDER BY COALESCE(a, -1)",
            id="a cast, and an order",
        ),
        pytest.param(
            "SELECT 1 FROM t WHERE a IN ($1 /*, ... */) AND lower(b || $2) = $3",
            "SELECT 1 FROM t WHERE a IN (1, 2, 3) AND lower(b || 'x') = 'secret'",
            "SELECT 1 FROM t WHERE a IN ($1) AND lower(b || 'x') = $3",
            id="beside a list of another length",
        ),
        pytest.param(
            "SELECT 1 FROM t WHERE doc ->> $1 = $2",
            "SELECT 1 FROM t WHERE doc ->> $1 = 'x'",
            "SELECT 1 FROM t WHERE (doc ->> $1) = $2",
            id="the application sends the key apart",
        ),
    ],
)
def test_the_constants_of_expressions_come_back_and_nobodys_values(kept: str, seen: str, wanted: str) -> None:
    assert lacks_constants(kept)
    assert with_seen_constants(kept, seen) == wanted


@pytest.mark.parametrize("text", ["SELECT 1 FROM t WHERE a = $1 LIMIT $2", "SELECT a + $1 FROM t WHERE at > now()"])
def test_values_alone_lack_nothing(text: str) -> None:
    assert not lacks_constants(text)

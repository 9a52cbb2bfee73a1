"""Moments on the command line."""

from datetime import UTC, datetime

import pytest

from advisor.cli.moment import parse_moment
from advisor.model.errors import ConfigurationError

NOW = datetime(2026, 1, 8, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", datetime(2026, 1, 8, 12, tzinfo=UTC)),
        ("-7d", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("-1h30m", datetime(2026, 1, 8, 10, 30, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T09:00", datetime(2026, 1, 1, 9, tzinfo=UTC)),
        ("2026-01-01T09:00+02:00", datetime(2026, 1, 1, 7, tzinfo=UTC)),
        ("2026-01-01T09:00:00Z", datetime(2026, 1, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, expected: datetime) -> None:
    assert parse_moment(text, NOW, where="--from") == expected


@pytest.mark.parametrize("text", ["", "yesterday", "-7", "-9999999999w", "2026-13-01", "7d"])
def test_what_is_no_moment_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--from: .* is not a time .*-7d"):
        parse_moment(text, NOW, where="--from")

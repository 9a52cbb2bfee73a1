"""The hours in which a change may be built, and what a replica and a stranger are told."""

from datetime import UTC, datetime

import pytest

from advisor.knobs.quiet import in_window
from advisor.knobs.upkeep import check_may_maintain
from advisor.model.errors import KnobError


@pytest.mark.parametrize(
    ("window", "hour", "minute", "inside"),
    [
        (None, 12, 0, True),
        ("02:00-05:00", 2, 0, True),
        ("02:00-05:00", 4, 59, True),
        ("02:00-05:00", 5, 0, False),
        ("22:00-04:00", 23, 30, True),
        ("22:00-04:00", 3, 59, True),
        ("22:00-04:00", 4, 0, False),
        ("22:00-04:00", 12, 0, False),
    ],
)
def test_a_window_may_run_over_midnight(window: str | None, hour: int, minute: int, inside: bool) -> None:
    assert in_window(window, datetime(2026, 1, 1, hour, minute, tzinfo=UTC)) is inside


def test_a_replica_is_never_written() -> None:
    with pytest.raises(KnobError, match="replica"):
        check_may_maintain({"is_replica": True, "may_maintain": True, "owner": "app"}, "here")


def test_a_stranger_is_told_the_grant() -> None:
    with pytest.raises(KnobError, match='GRANT "app" TO'):
        check_may_maintain({"is_replica": False, "may_maintain": False, "owner": "app"}, "here")

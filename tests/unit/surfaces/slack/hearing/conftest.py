"""A desk for every test of what comes in from Slack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.slack_desk import Desk, a_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Its only approvers are U0APPROVER and W0APPROVER of T0HARBOUR."""
    with a_desk(tmp_path) as desk:
        yield desk

"""What a replica and a stranger are told."""

import pytest

from advisor.knobs.postgres.maintenance import check_may_maintain
from advisor.model.errors import KnobError


def test_a_replica_is_never_written() -> None:
    with pytest.raises(KnobError, match="replica"):
        check_may_maintain({"is_replica": True, "may_maintain": True, "owner": "app"}, "here")


def test_a_stranger_is_told_the_grant() -> None:
    with pytest.raises(KnobError, match='GRANT "app" TO'):
        check_may_maintain({"is_replica": False, "may_maintain": False, "owner": "app"}, "here")

"""The servers that every field test of a file shares."""

from collections.abc import Iterator

import pytest

from tests.field.world import Servers, servers


@pytest.fixture(scope="module")
def shared(servers_wanted: None) -> Iterator[Servers]:
    with servers() as running:
        yield running

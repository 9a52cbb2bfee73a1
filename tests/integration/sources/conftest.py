"""A scripted Prometheus for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.integration.sources.scripted import Scripted, scripted


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running

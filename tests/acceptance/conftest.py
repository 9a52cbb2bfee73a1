"""One world for a test: real servers, the shop, and an advisor that is not started yet."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from advisor.servers.prometheus import PrometheusServer
from tests.acceptance.world import Shop, World, settings, start_shop

StartPrometheus = Callable[[dict[str, list[str]]], PrometheusServer]


@pytest.fixture
def shop(tmp_path: Path, valkey_url: str) -> Iterator[Shop]:
    """A shop whose board is in Redis."""
    with start_shop(tmp_path, valkey_url) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, shop: Shop, prometheus_server: StartPrometheus, valkey_url: str) -> Iterator[World]:
    """The shop under watch; the journal is a file."""
    metrics = prometheus_server({"shop": [shop.target]})
    document = settings(prometheus={"url": metrics.url})
    document["applications"] = [{"name": "shop"}]
    secrets = {"ADVISOR_REDIS__URL": valkey_url, "ADVISOR_JOURNAL__URL": f"sqlite:///{tmp_path}/journal.db"}
    built = World(folder=tmp_path, document=document, secrets=secrets)
    yield built
    built.stop()

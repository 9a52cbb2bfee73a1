"""The advisor's settings file, as a new user would write it."""

from pathlib import Path
from typing import Any

import yaml

from advisor.demo import configuration
from tests.field.application import APP
from tests.field.database import NAME
from tests.field.world import Site

_LONGER = {
    "warm_up_seconds": "60s",
    "baseline_seconds": "180s",
    "baseline_wait_seconds": "20m",
    "history_seconds": "10m",
    "earlier_days": [],
    "trial_seconds": "120s",
    "longest_seconds": "10m",
}
"""Windows alone; what a verdict asks for is the default."""


def write(site: Site, mode: str, *, with_defaults: bool) -> Path:
    """The file for `mode`, with the windows and the statistics of the demo, or with the default statistics."""
    document: dict[str, Any] = configuration.document(site.prometheus_url)
    document["mode"] = mode
    document["applications"] = [{"name": APP, "database": NAME}]
    document["postgres"] = {"name": NAME}
    if with_defaults:
        document["trial"] = dict(_LONGER)
    path = site.folder / f"{mode}.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def secrets(site: Site) -> dict[str, str]:
    """The environment variables that hold passwords, and where the journal lies."""
    return configuration.secrets(
        postgres_dsn=site.servers.database.reader_dsn,
        redis_url=site.servers.cache.url,
        journal=site.folder / "journal.db",
    ) | {"ADVISOR_POSTGRES__BUILDER_DSN": site.servers.database.owner_dsn}

"""Notifications of others, and an inbox to put them in."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from advisor.model.alert import Alert, AlertGroup
from advisor.ports.notebook import Notebook
from advisor.sources.prometheus.catalogue import load_templates
from advisor.sources.prometheus.expressions import metric_names, signals_by_metric
from advisor.surfaces.alerts.body import read_group
from advisor.surfaces.alerts.inbox import Inbox
from advisor.surfaces.alerts.matching import Matcher, Task
from advisor.testing.clock import FakeClock
from advisor.testing.notebook import InMemoryNotebook
from advisor_rules import ALL_RULES

BODIES = Path(__file__).resolve().parents[1] / "unit" / "surfaces" / "alerts" / "bodies"
MATCHER = Matcher(
    rules=ALL_RULES, signals=signals_by_metric(load_templates(("agents", "guide"))), metrics_of=metric_names
)


def raw(name: str) -> bytes:
    """The body whose file begins so, such as "a01"."""
    (path,) = BODIES.glob(f"{name}-*.json")
    return path.read_bytes()


def group(name: str) -> AlertGroup:
    return read_group(raw(name))


def only_alert(name: str) -> Alert:
    (alert,) = group(name).alerts
    return alert


def a_body(*alerts: dict[str, Any], **changes: Any) -> bytes:
    """A group of Alertmanager's."""
    body = {
        "version": "4",
        "status": "firing",
        "receiver": "advisor",
        "groupKey": "{}:{}",
        "alerts": list(alerts),
        "truncatedAlerts": 0,
    }
    return json.dumps({**body, **changes}).encode()


def an_alert(labels: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """The pool of the shop, firing since noon of the fake clock."""
    alert = {
        "status": "firing",
        "labels": {"alertname": "PoolExhaustion", "app": "shop", **(labels or {})},
        "annotations": {},
        "startsAt": "2026-01-01T12:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": "0123456789abcdef",
    }
    return {**alert, **changes}


class ACounter:
    """What an inbox says of each outcome."""

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def __call__(self, sender: str, outcome: str, count: int) -> None:
        self.outcomes[sender, outcome] += count


def an_inbox(
    size: int = 100,
    notebook: Notebook | None = None,
    counter: ACounter | None = None,
    clock: FakeClock | None = None,
    still_without_data: Callable[[Task], None] = lambda task: None,
) -> Inbox:
    return Inbox(
        task_of=MATCHER.task,
        size=size,
        notebook=notebook if notebook is not None else InMemoryNotebook(),
        clock=clock or FakeClock(),
        counted=counter or ACounter(),
        still_without_data=still_without_data,
    )

"""The advisor's configuration for the demo: short windows, as the load is steady and time is dear."""

from pathlib import Path
from typing import Any

import yaml

APP = "voiceassist"
DATABASE = "main"
KNOBS = ("db.pool_size", "db.max_overflow", "cache.l1.ttl", "cache.l2.ttl", "postgres.index")


def document(prometheus_url: str, permission: str = "automatic") -> dict[str, Any]:
    """Everything but the secrets; those go in by the environment. permission: "approve" where somebody is asked."""
    knob_policy = {"permission": permission, "cooldown_seconds": "10m"}
    return {
        "mode": "apply",
        "prometheus": {
            "url": prometheus_url,
            "presets": ["agents", "guide"],
            "step_seconds": "3s",
            "rate_window_seconds": "3s",
            "stale_after_seconds": "10s",
        },
        "applications": [{"name": APP, "database": DATABASE}],
        "daemon": {"interval_seconds": "2s", "window_seconds": "20s"},
        "web": {"listen_address": "127.0.0.1:0"},
        "policy": {"settle_seconds": "4s", "knobs": {knob: dict(knob_policy) for knob in KNOBS}},
        "trial": {
            # Until then callers still queue for what a larger pool now gives, and the next baseline would show them.
            "warm_up_seconds": "30s",
            "baseline_seconds": "90s",
            "baseline_wait_seconds": "10m",
            "history_seconds": "300s",
            "earlier_days": [],
            "trial_seconds": "40s",
            "longest_seconds": "300s",
            "hold_seconds": "20s",
            "apply_seconds": "30s",
            "smallest_effective_samples": 3,
            "latency_harm": 0.5,
            # A p95 of 3 s rests on some 25 slow requests, and beside a busy core it wanders by tens of milliseconds.
            "latency_slack_seconds": "100ms",
            "error_ratio_slack": 0.01,
        },
    }


def write(path: Path, prometheus_url: str, permission: str = "automatic") -> None:
    """Write the file that `advisor run --config` reads."""
    path.write_text(yaml.safe_dump(document(prometheus_url, permission), sort_keys=False))


def secrets(*, postgres_dsn: str, redis_url: str, journal: Path) -> dict[str, str]:
    """The environment variables that carry what must not stand in a file."""
    return {
        "ADVISOR_POSTGRES__DSN": postgres_dsn,
        "ADVISOR_POSTGRES__BUILDER_DSN": postgres_dsn,
        "ADVISOR_REDIS__URL": redis_url,
        "ADVISOR_JOURNAL__URL": f"sqlite:///{journal}",
    }

"""The exported alerting rules as Prometheus' own tool sees them: valid, firing when they must, quiet when they must."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from advisor.servers.prometheus import program
from advisor.settings.schema import Settings
from advisor.surfaces.views.alert_rules import AlertRulesView
from advisor.wiring.rules.alerts import alert_rules

PRESETS = ("agents", "guide", "postgres_exporter")
SAMPLES = 120
"""One every 15 seconds: half an hour."""
POOL = 'app="shop",pool="main",instance="a"'
TIER = 'app="shop",cache="users",tier="l2",instance="a"'
WAITS = "advisor_agent_pool_wait_seconds_bucket"
IDLE = 'pg_stat_activity_max_tx_duration{datname="shop",state="idle in transaction"}'


def rising(per_sample: float) -> str:
    return f"0+{per_sample}x{SAMPLES}"


def still(value: float) -> str:
    return f"{value}x{SAMPLES}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the series are, and which alert fires then, with these labels and this summary; "" for a quiet case."""

    alert: str
    series: Mapping[str, str]
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    presets: tuple[str, ...] = PRESETS

    def __str__(self) -> str:
        return f"{self.alert} {'fires' if self.summary else 'is quiet'} on {'+'.join(self.presets)}"


def latency(fast: float) -> dict[str, str]:
    """Of 60 requests a sample, `fast` below 1 s and the others below 2 s."""
    name = "http_request_duration_seconds_bucket"
    return {
        f'{name}{{job="shop",le="1"}}': rising(fast),
        f'{name}{{job="shop",le="2"}}': rising(60),
        f'{name}{{job="shop",le="+Inf"}}': rising(60),
    }


def answers(failed: float, good: float) -> dict[str, str]:
    return {
        'http_requests_total{job="shop",status="500"}': rising(failed),
        'http_requests_total{job="shop",status="200"}': rising(good),
    }


def a_pool(checked_out: float, *, size: float = 4, overflow: float = 0, quick: float = 60) -> dict[str, str]:
    """Of 60 waits a sample, `quick` below 0.1 s and the others below 1 s."""
    return {
        f"advisor_agent_pool_size{{{POOL}}}": still(size),
        f"advisor_agent_pool_max_overflow{{{POOL}}}": still(overflow),
        f"advisor_agent_pool_checked_out{{{POOL}}}": still(checked_out),
        f'{WAITS}{{{POOL},le="0.1"}}': rising(quick),
        f'{WAITS}{{{POOL},le="1"}}': rising(60),
        f'{WAITS}{{{POOL},le="+Inf"}}': rising(60),
    }


def a_tier(hits: float, misses: float, tier: str = TIER) -> dict[str, str]:
    return {
        f"advisor_agent_cache_hits_total{{{tier}}}": rising(hits),
        f"advisor_agent_cache_misses_total{{{tier}}}": rising(misses),
    }


def guides_cache(hits: float, misses: float) -> dict[str, str]:
    return {'cache_hits_total{job="shop"}': rising(hits), 'cache_misses_total{job="shop"}': rising(misses)}


def guides_pool(checked_out: float) -> dict[str, str]:
    return {
        'voiceassist_db_pool_size{job="shop"}': still(4),
        'voiceassist_db_pool_checked_out{job="shop"}': still(checked_out),
    }


LIMIT = {"pg_settings_max_connections": still(100)}
SHOP = {"app": "shop", "job": "shop"}
WAITING = "callers of shop wait for a database connection"
LEAK = "a connection is held and not given back"
BUDGET = "the pools may open more connections than the server accepts"
LONG = "a transaction on shop has been open for long"
CASES = (
    # Everybody between 1 and 2 s: the 95th of a hundred at 1 + 0.95 x 1 s.
    Case(
        alert="HighResponseTime",
        series=latency(fast=0),
        summary="95% of the requests of shop take up to 1.95s",
        labels=SHOP,
    ),
    Case(alert="HighResponseTime", series=latency(fast=60)),
    Case(alert="HighErrorRate", series=answers(6, 54), summary="10% of the requests of shop fail", labels=SHOP),
    Case(alert="HighErrorRate", series=answers(1, 99)),
    Case(alert="PoolExhaustion", series=a_pool(4), summary=WAITING, labels={"app": "shop", "pool": "main"}),
    Case(alert="PoolExhaustion", series=a_pool(1, quick=30), summary=WAITING, labels={"app": "shop", "pool": "main"}),
    Case(alert="PoolExhaustion", series=a_pool(4, overflow=4)),
    Case(alert="PoolExhaustion", series=guides_pool(4), summary=WAITING, labels=SHOP),
    Case(alert="PoolExhaustion", series=guides_pool(4), summary=WAITING, labels=SHOP, presets=("guide",)),
    Case(alert="PoolExhaustion", series=guides_pool(3), presets=("guide",)),
    Case(
        alert="LowCacheHitRate",
        series=a_tier(6, 54),
        summary="a cache of shop answers 10% of its requests",
        labels={"app": "shop", "cache": "users", "tier": "l2"},
    ),
    Case(alert="LowCacheHitRate", series=a_tier(54, 6)),
    Case(alert="LowCacheHitRate", series=a_tier(6, 54, TIER.replace("l2", "l3"))),
    Case(alert="LowCacheHitRate", series=a_tier(0.6, 5.4)),  # 0.4 a second: too quiet to be judged
    Case(
        alert="LowCacheHitRate",
        series=guides_cache(6, 54),
        summary="a cache of shop answers 10% of its requests",
        labels=SHOP,
        presets=("guide",),
    ),
    Case(alert="LowCacheHitRate", series=guides_cache(54, 6), presets=("guide",)),
    Case(
        alert="ConnectionLeak",
        series={f'advisor_agent_pool_longest_checkout_seconds{{{POOL},site="pay"}}': still(120)},
        summary=LEAK,
        labels={"app": "shop", "pool": "main", "site": "pay"},
    ),
    Case(
        alert="ConnectionLeak", series={f'advisor_agent_pool_longest_checkout_seconds{{{POOL},site="pay"}}': still(5)}
    ),
    Case(
        alert="ConnectionLeak",
        series={IDLE: still(120)},
        summary=LEAK,
        labels={"database": "shop", "datname": "shop"},
        presets=("postgres_exporter",),
    ),
    Case(alert="ConnectionLeak", series={IDLE: still(5)}, presets=("postgres_exporter",)),
    # One process may open 60 + 60 = 120 connections; 100 - 10 are left for pools.
    Case(alert="ConnectionsBudget", series={**LIMIT, **a_pool(1, size=60, overflow=60)}, summary=BUDGET),
    Case(alert="ConnectionsBudget", series={**LIMIT, **a_pool(1, size=10, overflow=10)}),
    Case(
        alert="ConnectionsBudget",
        series={**LIMIT, 'pg_stat_activity_count{datname="shop"}': still(95)},
        summary=BUDGET,
        presets=("postgres_exporter",),
    ),
    Case(
        alert="ConnectionsBudget",
        series={**LIMIT, 'pg_stat_activity_count{datname="shop"}': still(80)},
        presets=("postgres_exporter",),
    ),
    Case(
        alert="LongTransaction",
        series={IDLE: still(400)},
        summary=LONG,
        labels={"database": "shop", "datname": "shop"},
    ),
    Case(alert="LongTransaction", series={IDLE: still(20)}),
)


def exported(presets: tuple[str, ...] = PRESETS) -> AlertRulesView:
    return alert_rules(Settings(), presets=presets, runbooks="https://wiki.example/rules")


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program("promtool")), *arguments], capture_output=True, text=True, timeout=100, check=False
    )


def written(folder: Path, view: AlertRulesView) -> Path:
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump(view.rule_file(), sort_keys=False))
    return file


@pytest.mark.servers
@pytest.mark.parametrize(
    "presets", [PRESETS, ("agents",), ("guide",), ("micrometer", "fastapi"), ("otel", "otel_1_24")]
)
def test_prometheus_own_tool_finds_no_fault(presets: tuple[str, ...], tmp_path: Path) -> None:
    done = promtool("check", "rules", "--lint-fatal", str(written(tmp_path, exported(presets))))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.servers
def test_every_rule_fires_when_it_must_and_is_quiet_when_it_must(tmp_path: Path) -> None:
    for presets in sorted({case.presets for case in CASES}):
        folder = tmp_path / "-".join(presets)
        folder.mkdir()
        view = exported(presets)
        tests = folder / "tests.yaml"
        tests.write_text(
            yaml.safe_dump(
                {
                    "rule_files": [str(written(folder, view))],
                    "evaluation_interval": "1m",
                    "tests": [as_test(case, view) for case in CASES if case.presets == presets],
                }
            )
        )
        done = promtool("test", "rules", str(tests))
        assert done.returncode == 0, done.stdout + done.stderr


def as_test(case: Case, view: AlertRulesView) -> dict[str, object]:
    """After half an hour, which is longer than any `for` and window."""
    (rule,) = [one for one in view.rules if one.alert == case.alert]
    fires = {
        "exp_labels": {**case.labels, **rule.labels},
        "exp_annotations": {**rule.annotations, "summary": case.summary},
    }
    return {
        "name": str(case),
        "interval": "15s",
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "alert_rule_test": [
            {"eval_time": "29m", "alertname": case.alert, "exp_alerts": [fires] if case.summary else []}
        ],
    }


def test_every_exported_alert_has_a_firing_and_a_quiet_case() -> None:
    for rule in exported().rules:
        cases = [case for case in CASES if case.alert == rule.alert]
        assert any(case.summary for case in cases), rule.alert
        assert any(not case.summary for case in cases), rule.alert

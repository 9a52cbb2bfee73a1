"""The advisor's configuration for the demo on a cluster: short windows, as its load comes and goes within seconds."""

from pathlib import Path
from typing import Any

import yaml

from advisor.demo.cluster.history import DAYS
from advisor.demo.cluster.workload import NAMESPACE


def document(prometheus_url: str, kubeconfig: Path) -> dict[str, Any]:
    """Everything but where the journal is; that goes in by the environment."""
    # Callers of single pods are not played, so that no pods could be compared with others.
    policy = {"permission": "approve", "cooldown_seconds": "10m", "canary": False}
    return {
        "mode": "apply",
        "prometheus": {
            "url": prometheus_url,
            "presets": ["guide", "kube_state_metrics", "cadvisor"],
            "step_seconds": "2s",
            "rate_window_seconds": "4s",
            "stale_after_seconds": "10s",
            "timeout_seconds": "30s",
            "deadline_seconds": "60s",
        },
        "kubernetes": {
            "kubeconfig": str(kubeconfig),
            "namespaces": [NAMESPACE],
            "writing": {"enabled": True},
            "usage": {"days": DAYS},
        },
        "daemon": {"interval_seconds": "2s", "window_seconds": "10s"},
        "web": {"listen_address": "127.0.0.1:0"},
        "policy": {"settle_seconds": "2s", "knobs": {knob: dict(policy) for knob in ("k8s.hpa", "k8s.resources")}},
        "trial": trial(),
    }


def trial() -> dict[str, Any]:
    """How a change is judged."""
    return {
        "warm_up_seconds": "17s",  # the autoscaler waits before it adds pods, which then have to start
        "baseline_seconds": "36s",
        "baseline_wait_seconds": "10m",
        "history_seconds": "36s",
        "earlier_days": [],
        "trial_seconds": "36s",
        "longest_seconds": "84s",
        "no_gain_seconds": "0s",
        "rollout_seconds": "60s",
        "confidence": 0.95,
        "smallest_effective_samples": 3,
        "latency_harm": 0.5,
        "latency_slack_seconds": "100ms",
        "error_ratio_slack": 0.01,
        "switch_back": {"enabled": False},
    }


def write(path: Path, prometheus_url: str, kubeconfig: Path) -> None:
    """Write the file that `advisor run --config` reads."""
    path.write_text(yaml.safe_dump(document(prometheus_url, kubeconfig), sort_keys=False))

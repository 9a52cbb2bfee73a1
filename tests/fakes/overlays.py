"""Renders the project's kustomizations, as kubectl does it for a user."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

K8S = Path(__file__).parent.parent.parent / "k8s"
COMPONENTS = ("monitoring", "dashboards", "board", "reports", "everywhere")
EVERYTHING: dict[str, Any] = {name: {"enabled": True} for name in COMPONENTS} | {
    "reports": {"enabled": True, "schedule": "0 6 * * *"}
}
"""The same components as values of the chart."""
OVERLAYS: dict[str, dict[str, Any]] = {
    "observe": {"mode": "observe"},
    "apply": {"mode": "apply", "acts": {"enabled": True}},
    "ha": {"mode": "apply", "acts": {"enabled": True}, "replicas": 2, "lease": "tuning-advisor"},
}
"""And the overlays."""


def kustomized(folder: Path) -> list[dict[str, Any]]:
    """As kubectl makes it; skips where it is not there."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not there")
    text = subprocess.run([program, "kustomize", str(folder)], capture_output=True, text=True, check=True).stdout
    return list(yaml.safe_load_all(text))


def with_components(folder: Path, overlay: str, components: Iterable[str] = COMPONENTS) -> Path:
    """A kustomization of a user's own, in a copy of the manifests."""
    shutil.copytree(K8S, folder / "k8s", symlinks=True)
    own = folder / "k8s" / "own"
    own.mkdir()
    told = {"resources": [f"../overlays/{overlay}"], "components": [f"../components/{one}" for one in components]}
    (own / "kustomization.yaml").write_text(yaml.safe_dump(told))
    return own

"""k8s/: what the overlays and the chart make is the same, restricted, and starts with settings that are taken."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.settings.load import load_settings
from tests.fakes.chart import by_helm, rendered
from tests.fakes.overlays import EVERYTHING, K8S, OVERLAYS, kustomized, with_components

ROOT = Path(__file__).parent.parent.parent.parent
SHOP = [{"name": "shop", "hpas": ["web"], "deployments": ["web"]}]
HARD = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}

Objects = dict[tuple[str, str, str], dict[str, Any]]


def named(objects: Any) -> Objects:
    return {
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): _plain(one) for one in objects
    }


def _plain(document: Any) -> Any:
    """Lists that are told apart by names in the order of these: how two programs merge them differs."""
    if isinstance(document, Mapping):
        return {key: _plain(value) for key, value in document.items()}
    if isinstance(document, list):
        items = [_plain(one) for one in document]
        is_named = bool(items) and all(isinstance(one, dict) and "name" in one for one in items)
        return sorted(items, key=lambda one: one["name"]) if is_named else items
    return document


def pods(objects: Objects) -> Iterator[tuple[str, dict[str, Any]]]:
    for (kind, _, name), one in objects.items():
        if kind == "Deployment":
            yield name, one["spec"]["template"]["spec"]
        if kind == "CronJob":
            yield name, one["spec"]["jobTemplate"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_overlay_and_chart_make_the_same_objects(overlay: str, tmp_path: Path) -> None:
    wanted = named(kustomized(with_components(tmp_path, overlay)))
    assert named(rendered({**EVERYTHING, **OVERLAYS[overlay]})) == wanted


def test_without_anything_said_the_chart_makes_the_base() -> None:
    assert named(rendered({})) == named(kustomized(K8S / "base"))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_helm_itself_renders_what_the_tests_render(overlay: str, tmp_path: Path) -> None:
    values = {
        **EVERYTHING,
        **OVERLAYS[overlay],
        "namespaces": [{"name": "shop", "hpas": ["web"], "deployments": ["web"]}],
    }
    found = by_helm(values, tmp_path)
    if found is None:
        pytest.skip("helm is not there")
    assert named(found) == named(rendered(values))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_is_restricted_and_has_a_root_that_is_only_read(overlay: str) -> None:
    found = dict(pods(named(rendered({**EVERYTHING, **OVERLAYS[overlay]}))))
    assert set(found) == {"tuning-advisor", "tuning-advisor-report"}
    for spec in found.values():
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert [container["securityContext"] for container in spec["containers"]] == [HARD]
        assert all("memory" in container["resources"]["limits"] for container in spec["containers"])
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)


def test_nobody_may_read_secrets_or_run_commands_and_what_is_patched_is_named() -> None:
    values = {**OVERLAYS["ha"], "namespaces": [{"name": "shop", "hpas": ["web"], "deployments": ["web", "api"]}]}
    rules = [
        (name, rule)
        for (kind, _, name), one in named(rendered(values)).items()
        if kind in ("Role", "ClusterRole")
        for rule in one["rules"]
    ]
    assert rules
    for name, rule in rules:
        assert not {"secrets", "configmaps", "pods/exec", "*"} & {
            *rule["resources"],
            *rule["verbs"],
            *rule["apiGroups"],
        }
        if set(rule["verbs"]) - {"get", "list", "watch"} and rule["resources"] != ["pods/resize"]:
            assert rule["resourceNames"], name
    acting = [(rule["resources"], rule.get("resourceNames")) for name, rule in rules if name == "tuning-advisor-acts"]
    assert acting == [
        (["horizontalpodautoscalers"], ["web"]),
        (["deployments"], ["web", "api"]),
        (["pods/resize"], None),
    ]


def test_a_knob_that_is_off_gets_no_right() -> None:
    def rights(*, hpa: bool, resources: bool) -> list[list[str]]:
        knobs = {"hpa": hpa, "resources": resources}
        acts = named(rendered({**OVERLAYS["apply"], "namespaces": SHOP, "knobs": knobs}))
        return [rule["resources"] for rule in acts["Role", "shop", "tuning-advisor-acts"]["rules"]]

    assert rights(hpa=False, resources=True) == [["deployments"], ["pods/resize"]]
    assert rights(hpa=True, resources=False) == [["horizontalpodautoscalers"]]


def test_only_the_deployment_that_acts_writes_to_the_cluster() -> None:
    def environment(values: dict[str, Any]) -> list[str]:
        (container,) = dict(pods(named(rendered(values))))["tuning-advisor"]["containers"]
        return [f"{one['name']}={one.get('value')}" for one in container["env"]]

    writes = "ADVISOR_KUBERNETES__WRITING__ENABLED=true"
    assert [writes in environment(OVERLAYS[name]) for name in OVERLAYS] == [False, True, True]


def test_the_roles_that_the_script_writes_are_those_of_the_chart(tmp_path: Path) -> None:
    told = tmp_path / "advisor.yaml"
    told.write_text("policy: {knobs: {k8s.hpa: {permission: never}}}\n")
    command = [
        sys.executable,
        str(ROOT / "scripts" / "namespace_roles.py"),
        "--namespace",
        "shop",
        "--config",
        str(told),
    ]
    written = subprocess.run(
        [*command, "--hpa", "web", "--deployment", "web"], capture_output=True, text=True, check=True
    ).stdout
    values = {**OVERLAYS["apply"], "namespaces": SHOP, "knobs": {"hpa": False, "resources": True}}
    wanted = {key: one for key, one in named(rendered(values)).items() if key[1] == "shop"}
    assert named(yaml.safe_load_all(written)) == wanted


def test_the_settings_that_are_shipped_are_taken(tmp_path: Path) -> None:
    settings = load_settings(K8S / "base" / "config" / "advisor.yaml", {}, {})
    assert (settings.mode, settings.kubernetes.enabled, settings.web.listen_address) == (
        "propose",
        True,
        "0.0.0.0:9595",
    )


def test_the_probes_ask_pages_that_are_served_without_a_token() -> None:
    container = dict(pods(named(rendered({}))))["tuning-advisor"]["containers"][0]
    asked = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert asked == {"startupProbe": "/-/healthy", "livenessProbe": "/-/healthy", "readinessProbe": "/-/ready"}


def test_the_dashboard_asks_only_for_metrics_that_are_there() -> None:
    board = json.loads((K8S / "components" / "dashboards" / "tuning-advisor.json").read_text())
    source = "".join(path.read_text() for path in (ROOT / "advisor").rglob("*.py"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            for word in target["expr"].replace("(", " ").replace(")", " ").replace("[", " ").split():
                if word.startswith("advisor_"):
                    assert word.removesuffix("_total").removesuffix("_bucket") in source, word

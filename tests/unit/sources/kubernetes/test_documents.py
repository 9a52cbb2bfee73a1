"""A file of many documents: each is read or told on its own, with the line in the file."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.model.kubernetes.cluster import ClusterState
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.manifests import ManifestsSource
from advisor.testing.clock import FakeClock
from tests.fakes.manifests import autoscaler, container, deployment

GOOD = yaml.safe_dump(deployment("web", [container(requests={"cpu": "1", "memory": "1Gi"})]))
LINES = GOOD.count("\n")
TEMPLATE = "give the output of `helm template`"


def read(folder: Path, name: str, text: str) -> ClusterState:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    source = ManifestsSource(KubernetesSettings(manifests=str(folder)), FakeClock())
    return source.read(300).clusters["manifests"]


def names(state: ClusterState) -> list[str]:
    return [one.meta.name for one in state.workloads]


def named(name: str) -> str:
    return GOOD.replace("name: web", f"name: {name}")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("kind: A\nlabels: {x/y: a, x/y: b}\n", f"duplicate key x/y in lines {LINES + 3} and {LINES + 3}"),
        ("kind: A\nkind: B\n", f"duplicate key kind in lines {LINES + 2} and {LINES + 3}"),
        ("kind: A\ndata: {a: !!binary aGk=}\n", f"line {LINES + 3}: the tag"),
        ("kind: A\ndata: !mine {a: b}\n", f"line {LINES + 3}: the tag"),
        ("kind: A\ndata: [\n", f"line {LINES + 4}: "),
        ("kind: A\ndata: 'open\n", f"line {LINES + 4}: "),
        ("kind: A\nspec: a: b\n", f"line {LINES + 3}: "),
        ("kind: A\nspec: *gone\n", f"line {LINES + 3}: *gone has no anchor"),
        ("kind: A\n? [a]\n: b\n", f"line {LINES + 3}: a key that is no text"),
        ("kind: A\nspec: !!int x\n", f"line {LINES + 3}: 'x' cannot be read"),
        ("kind: A\nspec: {<<: x}\n", f"line {LINES + 3}: << wants a mapping"),
        ("- a\n", f"line {LINES + 2}: a document is list"),
        ("just text\n", f"line {LINES + 2}: a document is str"),
    ],
)
def test_one_bad_document_hides_neither_those_before_nor_those_after(tmp_path: Path, bad: str, said: str) -> None:
    state = read(tmp_path, "all.yaml", f"{GOOD}---\n{bad}---\n{named('later')}")
    assert names(state) == ["later", "web"]
    (skipped,) = state.skipped
    assert skipped.what == "all.yaml"
    assert said in skipped.why
    assert skipped.fix


@pytest.mark.parametrize("value", ["=", "[=, '=']", "2024-01-01", "1:30", "{2024-01-01: =}"])
def test_what_only_yaml_1_1_has_a_meaning_for_is_text(tmp_path: Path, value: str) -> None:
    state = read(tmp_path, "all.yaml", f"kind: AlertmanagerConfig\nmatchType: {value}\n---\n{GOOD}")
    assert (names(state), state.skipped) == (["web"], ())


@pytest.mark.parametrize("value", ["2024-01-01", "2024-01-01T10:00:00Z", "12:30", "22:22:22", "="])
def test_labels_and_annotations_are_the_text_that_is_written(tmp_path: Path, value: str) -> None:
    text = GOOD.replace("metadata:\n", f"metadata:\n  labels: {{at: {value}}}\n  annotations: {{at: {value}}}\n", 1)
    state = read(tmp_path, "all.yaml", text)
    assert state.skipped == ()
    assert dict(state.workloads[0].labels) == {"at": value}


def test_a_number_of_base_60_is_no_amount(tmp_path: Path) -> None:
    text = named("timed").replace("cpu: '1'", "cpu: 1:30")
    state = read(tmp_path, "all.yaml", f"{text}---\n{GOOD}")
    assert names(state) == ["web"]
    assert "'1:30' is no quantity" in state.skipped[0].why


@pytest.mark.parametrize("folder", ["", "templates/", "chart/templates/", "chart/charts/sub/templates/app/"])
@pytest.mark.parametrize(
    "braces",
    [
        'vault: "{{ with secret }}"',
        "vault: |\n      {{- with secret -}} x {{- end }}",
        "vault: 'x' # {{ .Values.x }}",
        "summary: Pod {{ $labels.pod }} is down",
    ],
)
def test_braces_in_texts_and_comments_make_no_template_wherever_it_lies(
    tmp_path: Path, folder: str, braces: str
) -> None:
    text = GOOD.replace("metadata:\n", f"metadata:\n  annotations:\n    {braces}\n", 1)
    state = read(tmp_path / "templates", f"{folder}web.yaml", f"# Source: {folder}web.yaml\n{text}")
    assert (names(state), state.skipped) == (["web"], ())


@pytest.mark.parametrize(
    "template",
    [
        "replicas: {{ .Values.replicas }}\n",
        "a: [{{ .x }}]\n",
        "{{- if .Values.x }}\nkind: A\n{{- end }}\n",
        'kind: A\nlabels: {{- include "labels" . | nindent 4 }}\n',
        "{{ .Values.key }}: x\n",
        "kind: A\n{{ toYaml .Values.x }}\n",
    ],
)
def test_a_template_is_told_as_one_wherever_it_lies(tmp_path: Path, template: str) -> None:
    state = read(tmp_path, "all.yaml", f"{GOOD}---\n{template}---\n{template}---\n{named('later')}")
    assert names(state) == ["later", "web"]
    (skipped,) = state.skipped  # once a file: a chart has many
    assert skipped.why.startswith(f"line {LINES + 1}: a template") or skipped.why.startswith(f"line {LINES + 2}: a t")
    assert "; so are those in lines " in skipped.why
    assert skipped.fix.startswith(TEMPLATE)


@pytest.mark.parametrize("written", [{}, {"kind": None, "apiVersion": None}])
def test_items_of_a_typed_list_are_what_the_list_is_of(tmp_path: Path, written: dict[str, Any]) -> None:
    """As `kubectl get --raw` gives them."""
    bare = [deployment(name, [container()]) | written for name in ("web", "api")]
    if not written:
        bare = [{key: value for key, value in one.items() if key not in ("kind", "apiVersion")} for one in bare]
    whole = {"apiVersion": "apps/v1", "kind": "DeploymentList", "metadata": {}, "items": bare}
    state = read(tmp_path, "raw.json", json.dumps(whole))
    assert [str(one.meta.ref.api_version) for one in state.workloads] == ["apps/v1", "apps/v1"]
    assert names(state) == ["api", "web"]


def test_items_of_any_list_say_themselves_what_they_are(tmp_path: Path) -> None:
    items = [deployment("web", [container()]), autoscaler("web", "web")]
    inner = {"apiVersion": "v1", "kind": "List", "items": items}
    state = read(tmp_path, "all.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": [inner]}))
    assert (names(state), len(state.hpas)) == (["web"], 1)


@pytest.mark.parametrize("kind", ["Job", "Pod"])
def test_an_object_that_is_made_anew_each_time_is_told_as_such(tmp_path: Path, kind: str) -> None:
    spec: dict[str, Any] = {"containers": [container()]}
    document = {
        "apiVersion": "batch/v1" if kind == "Job" else "v1",
        "kind": kind,
        "metadata": {"generateName": "migrate-", "namespace": "shop"},
        "spec": {"template": {"spec": spec}} if kind == "Job" else spec,
    }
    state = read(tmp_path, "all.yaml", f"{yaml.safe_dump(document)}---\n{yaml.safe_dump(document)}---\n{GOOD}")
    assert names(state) == ["web"]
    assert [one.what for one in state.skipped] == [f"all.yaml: {kind} shop/migrate-*"] * 2
    assert "makes another one each time" in state.skipped[0].why


@pytest.mark.parametrize(
    ("version", "kind", "said"),
    [
        (
            "apps.openshift.io/v1",
            "DeploymentConfig",
            "DeploymentConfig of apps.openshift.io/v1 is no kind that is read",
        ),
        ("v1", "ReplicationController", "ReplicationController of v1 is no kind that is read"),
        ("serving.knative.dev/v1", "Service", "Service of serving.knative.dev/v1 is no kind that is read"),
        ("extensions/v1beta1", "Deployment", "extensions/v1beta1 is not served any more"),
        ("extensions/v1beta1", "DaemonSet", "extensions/v1beta1 is not served any more"),
        ("extensions/v1beta1", "ReplicaSet", "extensions/v1beta1 is not served any more"),
    ],
)
def test_what_runs_containers_and_is_not_read_is_named(tmp_path: Path, version: str, kind: str, said: str) -> None:
    other = deployment("old", [container()]) | {"apiVersion": version, "kind": kind}
    state = read(tmp_path, "all.yaml", f"{yaml.safe_dump(other)}---\n{GOOD}")
    (skipped,) = state.skipped
    assert (skipped.what, skipped.why) == (f"all.yaml: {kind} shop/old", said)
    assert skipped.fix


def test_what_runs_no_containers_or_stands_elsewhere_is_passed_over(tmp_path: Path) -> None:
    others = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"spec": "template"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"template": []}},
        {"services": {"web": {"image": "x"}}},
    ]
    text = "---\n".join(map(yaml.safe_dump, others))
    (tmp_path / "all.yaml").write_text(f"{text}---\n{GOOD}")
    elsewhere = deployment("old", [container()]) | {"apiVersion": "v1", "kind": "ReplicationController"}
    (tmp_path / "old.yaml").write_text(yaml.safe_dump(elsewhere).replace("namespace: shop", "namespace: back"))
    source = ManifestsSource(KubernetesSettings(manifests=str(tmp_path), namespaces=("shop",)), FakeClock())
    assert source.read(300).clusters["manifests"].skipped == ()

"""A folder of files: what is no manifest is skipped with its reason, and hides nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.model.errors import SourceUnavailableError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.snapshot import SourceStatus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.manifests import ManifestsSource
from advisor.testing.clock import FakeClock
from tests.fakes.command import advisor_within
from tests.fakes.manifests import container, deployment

GOOD = yaml.safe_dump(deployment("web", [container(requests={"cpu": "1", "memory": "1Gi"})]))
BOMB = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [" + f"*a{n - 1}," * 10 + "]\n" for n in range(1, 9))
"""Ten times as much with each line."""


def read(folder: Path, **settings: Any) -> ClusterState:
    source = ManifestsSource(KubernetesSettings(manifests=str(folder), **settings), FakeClock())
    return source.read(300).clusters["manifests"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("templates/web.yaml", "kind: {{ .Values.kind }}\n", "a template is no YAML yet"),
        ("chart.yaml", "replicas: {{ .Values.replicas }}\n", "a template is no YAML yet"),
        ("kustomization.yaml", "resources: [web.yaml]\n", "a kustomization is not built here"),
        ("broken.yaml", "a: [1\nb: 2\n", "line 2"),
        ("twice.yaml", "kind: A\nkind: B\n", "duplicate key kind in lines 1 and 2"),
        ("tag.yaml", "a: !!python/object/apply:os.system [true]\n", "line 1"),
        ("list.yaml", "- a\n- b\n", "a document is list"),
        ("latin.yaml", b"name: caf\xe9\n", "is not UTF-8"),
        ("broken.json", '{"kind": ', "line 1"),
        ("bomb.yaml", BOMB, "with its aliases written out"),
        ("a-patch.yaml", GOOD.replace("image: example/app:1", "tty: true"), "has no image"),
    ],
)
def test_what_cannot_be_read_is_skipped_with_its_reason(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (tmp_path / "good.yaml").write_text(GOOD)
    state = read(tmp_path)
    assert [one.meta.name for one in state.workloads] == ["web"]
    (skipped,) = state.skipped
    assert skipped.what.startswith(name)
    assert said in skipped.why
    assert skipped.fix


def test_many_documents_lists_json_and_windows_files_are_read(tmp_path: Path) -> None:
    many = "\n---\n".join(["# nothing", GOOD, GOOD.replace("name: web", "name: api")])
    assert GOOD.startswith("apiVersion: apps/v1\n")
    many = many.replace("apps/v1\n", "apps/v1 \t# a tab before this\n", 1)
    (tmp_path / "many.yaml").write_bytes(b"\xef\xbb\xbf" + many.replace("\n", "\r\n").encode())
    items = [yaml.safe_load(GOOD.replace("name: web", "name: listed"))]
    (tmp_path / "list.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    (tmp_path / "compose.yaml").write_text("services: {web: {image: x}}\n")
    (tmp_path / ".hidden.yaml").write_text("{{")
    state = read(tmp_path)
    assert [one.meta.name for one in state.workloads] == ["api", "listed", "web"]
    assert state.skipped == ()


def test_an_object_that_stands_in_two_files_is_taken_once_and_said(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
    state = read(tmp_path)
    assert len(state.workloads) == 1
    assert str(state.skipped[0]).startswith("b.yaml: Deployment shop/web stands in a.yaml already")


def test_only_the_namespaces_that_are_asked_for_are_read(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(GOOD + "---\n" + GOOD.replace("namespace: shop", "namespace: back"))
    assert [one.meta.namespace for one in read(tmp_path, namespaces=("back",)).workloads] == ["back"]


def test_a_folder_that_is_none_or_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="no such file or folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(SourceUnavailableError, match="no object"):
        read(tmp_path)


def test_a_report_needs_nothing_but_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "k8s"
    folder.mkdir()
    (folder / "web.yaml").write_text(yaml.safe_dump(deployment("web", [container("app")])))
    (folder / "kustomization.yaml").write_text("resources: [web.yaml]\n")
    ended = advisor_within(tmp_path, "report", "--manifests", "k8s", "-o", "json")
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    (source,) = (one for one in report["sources"] if one["name"] == "manifests")
    assert (source["status"], "kustomization" in source["detail"]) == (SourceStatus.DEGRADED, True)
    (seen,) = report["workloads"]
    assert (seen["name"], seen["qos"], seen["cpu_request_cores"]) == ("web", "BestEffort", None)
    assert {one["rule"] for one in report["findings"]} == {"qos-best-effort"}
    table = advisor_within(tmp_path, "report", "--manifests", "k8s").stdout
    assert "deployment shop/web" in table

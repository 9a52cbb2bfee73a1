"""Where a change is written: plain manifests, a kustomization's overlay, a chart's values."""

from pathlib import Path
from typing import Any

import pytest

from advisor.knobs.gitops.edits import write_edits
from advisor.knobs.gitops.fields import FieldChange, ObjectChange
from advisor.manifests.path import path_of
from advisor.model.errors import BadDataError, KnobError
from advisor.settings.kubernetes.gitops import GitOpsSettings
from tests.fakes.gitops import MANIFEST

REQUESTS = "spec.template.spec.containers[name=web].resources.requests"
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  minReplicas: 2
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
    - type: Pods
      pods: {metric: {name: queued}, target: {type: AverageValue, averageValue: "5"}}
"""


def change(*fields: tuple[str, Any, Any], kind: str = "Deployment") -> ObjectChange:
    made = tuple(FieldChange(path=path_of(path), old=old, new=new) for path, old, new in fields)
    return ObjectChange(kind=kind, namespace="shop", name="web", fields=made)


def write(folder: Path, *changes: ObjectChange, **settings: Any) -> list[str]:
    told = GitOpsSettings.model_validate({"repository": str(folder), **settings})
    return [str(path) for path in write_edits(folder, told, changes)]


def files(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_request_and_the_target_that_depends_on_it_are_edited_together_in_two_files(tmp_path: Path) -> None:
    files(tmp_path, shop__web_yaml=MANIFEST, shop__hpa_yaml=HPA)
    target = "spec.metrics[resource.name=cpu].resource.target.averageUtilization"
    request = change((f"{REQUESTS}.cpu", "100m", "200m"))
    changed = write(tmp_path, request, change((target, 80, 40), kind="HorizontalPodAutoscaler"))
    assert changed == ["shop/web.yaml", "shop/hpa.yaml"]
    assert (tmp_path / "shop/web.yaml").read_text() == MANIFEST.replace("100m", "200m")
    assert (tmp_path / "shop/hpa.yaml").read_text() == HPA.replace("averageUtilization: 80", "averageUtilization: 40")


def test_of_a_whole_list_of_metrics_only_the_number_that_differs_is_edited(tmp_path: Path) -> None:
    files(tmp_path, hpa_yaml=HPA)
    queued = {"type": "Pods", "pods": {"metric": {"name": "queued"}, "target": {"averageValue": "5"}}}
    old, new = (
        [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": one}}}, queued]
        for one in (80, 60)
    )
    write(tmp_path, change(("spec.metrics", old, new), kind="HorizontalPodAutoscaler"))
    assert (tmp_path / "hpa.yaml").read_text() == HPA.replace("averageUtilization: 80", "averageUtilization: 60")


def test_an_overlay_is_edited_where_it_has_the_last_word(tmp_path: Path) -> None:
    patch = MANIFEST.replace("cpu: 100m   # measured in March", "cpu: 300m").replace(
        "              memory: 128Mi\n", ""
    )
    files(
        tmp_path,
        base__web_yaml=MANIFEST,
        base__kustomization_yaml="resources: [web.yaml]\n",
        prod__kustomization_yaml="resources: [../base]\npatches: [{path: cpu.yaml}]\n",
        prod__cpu_yaml=patch,
    )
    assert write(tmp_path, change((f"{REQUESTS}.cpu", "300m", "450m")), path="prod") == ["prod/cpu.yaml"]
    assert (tmp_path / "prod/cpu.yaml").read_text() == patch.replace("300m", "450m")
    assert (tmp_path / "base/web.yaml").read_text() == MANIFEST


def test_what_a_chart_makes_is_edited_in_its_values(tmp_path: Path) -> None:
    values = "web:\n  replicas: 3\n  resources: {requests: {cpu: 100m}}  # by hand\n"
    files(tmp_path, chart__values_yaml=values, chart__templates__web_yaml="kind: {{ .Values.kind }}\n")
    keys = {"spec.template.spec.containers[name=web].resources": "web.resources"}
    made = [{"object": "Deployment/shop/web", "keys": keys}]
    cpu = change((f"{REQUESTS}.cpu", "100m", "250m"))
    assert write(tmp_path, cpu, path="chart", values=made) == ["chart/values.yaml"]
    assert (tmp_path / "chart/values.yaml").read_text() == values.replace("100m", "250m")
    with pytest.raises(BadDataError, match=r"which value spec\.paused is made from is not known"):
        write(tmp_path, change(("spec.paused", 0, 1)), path="chart", values=made)


def test_a_file_that_cannot_be_read_hides_no_other_and_is_named_where_nothing_is_found(tmp_path: Path) -> None:
    files(tmp_path, chart_yaml="kind: {{ .Values.kind }}\n", web_yaml=MANIFEST)
    assert write(tmp_path, change((f"{REQUESTS}.cpu", "100m", "250m"))) == ["web.yaml"]
    (tmp_path / "web.yaml").unlink()
    with pytest.raises(BadDataError, match=r"Deployment/shop/web is in no file.*chart\.yaml: is a template"):
        write(tmp_path, change((f"{REQUESTS}.cpu", "100m", "250m")))


def test_an_object_that_stands_in_two_files_is_refused(tmp_path: Path) -> None:
    files(tmp_path, a_yaml=MANIFEST, b_yaml=MANIFEST)
    with pytest.raises(BadDataError, match=r"stands in a\.yaml and b\.yaml"):
        write(tmp_path, change((f"{REQUESTS}.cpu", "100m", "250m")))


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    files(tmp_path, elsewhere__web_yaml=MANIFEST)
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "web.yaml").symlink_to(tmp_path / "elsewhere" / "web.yaml")
    with pytest.raises(BadDataError, match="is in no file"):
        write(tmp_path / "repository", change((f"{REQUESTS}.cpu", "100m", "250m")))
    assert (tmp_path / "elsewhere/web.yaml").read_text() == MANIFEST


def test_a_quantity_that_is_the_same_amount_is_no_change_and_what_is_no_edit_is_refused() -> None:
    assert change((f"{REQUESTS}.memory", "1536Mi", "1.5Gi")).values() == {}
    with pytest.raises(KnobError, match="would be removed"):
        change((f"{REQUESTS}.cpu", "100m", None)).values()
    with pytest.raises(KnobError, match=r"items of spec\.metrics would be added"):
        change(("spec.metrics", [], [{"type": "Pods"}])).values()

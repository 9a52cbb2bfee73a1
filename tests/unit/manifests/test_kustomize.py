"""An overlay's value is edited at the place that has the last word on it."""

from pathlib import Path

import pytest

from advisor.manifests.kustomize import edit_overlay
from advisor.manifests.objects import ObjectName
from advisor.manifests.path import path_of
from advisor.model.errors import BadDataError

MEMORY = "spec.template.spec.containers[name=app].resources.limits.memory"
BASE = """kind: Deployment
metadata: {name: crane}
spec: {template: {spec: {containers: [{name: side}, {name: app, resources: {limits: {memory: 1Gi}}}]}}}
"""
PATCH = """kind: Deployment
metadata: {name: crane}
spec: {template: {spec: {containers: [{name: app, resources: {limits: {memory: 2Gi}}}]}}}
"""
OPERATION = "/spec/template/spec/containers/1/resources/limits/memory"


def written(root: Path, **files: str) -> Path:
    """Keys are paths with __ for / and the suffix .yaml."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def overlay_edit(root: Path, name: str = "crane", overlay: str = "prod") -> dict[str, str]:
    wanted = ObjectName(kind="Deployment", namespace="quay", names=(name,))
    edits = edit_overlay(root, Path(overlay), wanted, {path_of(MEMORY): "4Gi"})
    return {str(edit.path.relative_to(root)): edit.after.decode() for edit in edits}


def test_a_base_that_nobody_else_uses_is_edited_itself(tmp_path: Path) -> None:
    root = written(
        tmp_path, base__d=BASE, base__kustomization="resources: [d.yaml]", prod__kustomization="resources: [../base]"
    )
    assert overlay_edit(root) == {"base/d.yaml": BASE.replace("1Gi", "4Gi")}


def test_a_base_that_others_use_is_left_alone(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        base__d=BASE,
        base__kustomization="resources: [d.yaml]",
        prod__kustomization="resources: [../base]",
        trial__kustomization="resources: [../base]",
    )
    with pytest.raises(BadDataError, match=r"stands in d\.yaml, which trial uses, too .*add a patch"):
        overlay_edit(root)


def test_of_several_patches_the_last_has_the_last_word(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        prod__d=BASE,
        prod__one=PATCH,
        prod__two=PATCH,
        prod__other=PATCH.replace("crane", "winch"),
        prod__kustomization="resources: [d.yaml]\npatches: [{path: one.yaml}, {path: two.yaml}, {path: other.yaml}]",
    )
    assert overlay_edit(root) == {"prod/two.yaml": PATCH.replace("2Gi", "4Gi")}


def test_the_overlay_goes_before_the_base_that_patches_too(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        base__d=BASE,
        base__p=PATCH,
        base__kustomization="resources: [d.yaml]\npatches: [{path: p.yaml}]",
        prod__p=PATCH,
        prod__kustomization="resources: [../base]\npatches: [{path: p.yaml}]",
    )
    assert list(overlay_edit(root)) == ["prod/p.yaml"]


def test_an_operation_finds_the_container_by_its_place_in_the_base(tmp_path: Path) -> None:
    operations = f"# by hand\n- {{op: replace, path: {OPERATION}, value: 2Gi}}\n"
    target = "{kind: Deployment, name: cr.*}"
    root = written(
        tmp_path,
        prod__d=BASE,
        prod__p=operations,
        prod__kustomization=f"resources: [d.yaml]\npatches: [{{path: p.yaml, target: {target}}}]",
    )
    assert overlay_edit(root) == {"prod/p.yaml": operations.replace("2Gi", "4Gi")}


def test_an_operation_on_what_lies_around_the_value_is_followed(tmp_path: Path) -> None:
    around = OPERATION.removesuffix("/limits/memory")
    operations = f"- op: add\n  path: {around}\n  value:\n    limits: {{memory: 2Gi}}\n"
    patches = "patchesJson6902: [{path: p.yaml, target: {kind: Deployment, name: crane}}]"
    root = written(
        tmp_path,
        prod__d=BASE,
        prod__p=operations,
        prod__kustomization=f"resources: [d.yaml]\n{patches}",
    )
    assert overlay_edit(root) == {"prod/p.yaml": operations.replace("2Gi", "4Gi")}


def test_a_prefix_of_the_overlay_is_taken_off(tmp_path: Path) -> None:
    root = written(
        tmp_path, prod__d=BASE, prod__kustomization="namePrefix: test-\nnamespace: quay\nresources: [d.yaml]"
    )
    assert list(overlay_edit(root, name="test-crane")) == ["prod/d.yaml"]


def test_a_key_is_added_in_a_patch_within_a_block(tmp_path: Path) -> None:
    lines = "kind: Deployment\nmetadata: {name: crane}\nspec:\n  template:\n    spec:\n      containers:\n"
    inside = lines + "      - name: app\n        resources:\n          limits:\n            cpu: 1\n"
    block = "".join(f"      {line}\n" for line in inside.splitlines())
    before = f"resources: [d.yaml]\npatches:\n  - patch: |-\n{block}# end\n"
    root = written(tmp_path, prod__d=BASE, prod__kustomization=before)
    # The patch says nothing of memory, so what it merges into has the last word.
    assert list(overlay_edit(root)) == ["prod/d.yaml"]
    root = written(tmp_path, prod__kustomization=before.replace("cpu: 1", "memory:"))
    assert overlay_edit(root) == {"prod/kustomization.yaml": before.replace("cpu: 1", "memory: 4Gi")}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"prod__kustomization": "resources: [d.yaml]"}, "cannot be read"),
        ({"prod__kustomization": "resources: [https://example.org/base]"}, "is not in it"),
        ({"prod__kustomization": "resources: [.]"}, "builds on itself"),
        ({"prod__kustomization": "resources: [../../elsewhere]"}, "lies outside"),
        ({"prod__kustomization": "- a"}, "is no kustomization"),
        ({"base__kustomization": ""}, "holds no kustomization"),
    ],
)
def test_a_kustomization_that_cannot_be_followed_is_refused(tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        overlay_edit(written(tmp_path, **files))


@pytest.mark.parametrize(
    ("more", "patch", "told"),
    [
        ("replacements: [{path: r.yaml}]", PATCH, "the replacement in line 3 may write over memory"),
        ("", PATCH.replace("{name: app,", "{name: app, $patch: replace,"), r"holds \$patch"),
        ("", f"- {{op: remove, path: {OPERATION}}}", "the operation in line 1 writes over"),
        ("", f"- {{op: copy, from: /spec, path: {OPERATION[:-7]}}}", "the operation in line 1 writes over"),
    ],
)
def test_a_patch_that_cannot_be_followed_is_refused(tmp_path: Path, more: str, patch: str, told: str) -> None:
    layer = f"resources: [d.yaml]\npatches: [{{path: p.yaml}}]\n{more}\n"
    root = written(tmp_path, prod__d=BASE, prod__p=patch, prod__kustomization=layer)
    with pytest.raises(BadDataError, match=told):
        overlay_edit(root)


def test_a_patch_that_chooses_by_labels_is_not_followed(tmp_path: Path) -> None:
    target = "{labelSelector: app=crane}"
    root = written(
        tmp_path,
        prod__d=BASE,
        prod__p=PATCH,
        prod__kustomization=f"resources: [d.yaml]\npatches: [{{path: p.yaml, target: {target}}}]",
    )
    with pytest.raises(BadDataError, match="chooses by labels"):
        overlay_edit(root)

"""Files are changed as bytes, and what may not be edited is refused with its name."""

from pathlib import Path

import pytest

from advisor.manifests.files import FileEdit, edit_object, edit_values, yaml_file
from advisor.manifests.objects import ObjectName
from advisor.manifests.path import path_of
from advisor.model.errors import BadDataError

WANTED = ObjectName(kind="Deployment", namespace="quay", names=("crane",))
CRANE = "kind: Deployment\nmetadata: {name: crane, namespace: quay}\nspec: {replicas: 1}\n"


def object_edit(tmp_path: Path, content: bytes) -> FileEdit | None:
    path = tmp_path / "crane.yaml"
    path.write_bytes(content)
    return edit_object(yaml_file(path), WANTED, {path_of("spec.replicas"): 2})


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    edit = object_edit(tmp_path, mark + CRANE.encode())
    assert edit is not None
    assert (edit.before, edit.after) == (mark + CRANE.encode(), mark + CRANE.replace("s: 1", "s: 2").encode())


def test_an_object_without_a_namespace_is_taken_where_no_other_is_meant(tmp_path: Path) -> None:
    bare = CRANE.replace(", namespace: quay", "")
    edit = object_edit(tmp_path, f"{bare}---\n{CRANE}".encode())
    assert edit is not None
    assert edit.after.decode() == f"{bare}---\n{CRANE.replace('s: 1', 's: 2')}"
    edit = object_edit(tmp_path, bare.encode())
    assert edit is not None
    assert edit.after.decode() == bare.replace("s: 1", "s: 2")


def test_another_object_is_none_of_ours(tmp_path: Path) -> None:
    for other in (
        "kind: Service\nmetadata: {name: crane}\n",
        CRANE.replace("quay", "dock"),
        "[]",
        "",
        "--- # nothing\n",
    ):
        assert object_edit(tmp_path, other.encode()) is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"{CRANE}---\n{CRANE}".encode(), "Deployment/quay/crane stands in lines 1 and 5"),
        (CRANE.replace("1", "{{ .Values.replicas }}").encode(), "is a template"),
        (CRANE.replace("1", "'{{ .Values.replicas }}'").encode(), "is made by a template"),
        (b"{{ if .Values.crane }}\na: 1\n{{ end }}\n", "is a template"),
        (f"{CRANE}secret: ENC[AES256_GCM,data:x]\nsops: {{mac: x}}\n".encode(), "encrypted by sops"),
        (CRANE.encode("utf-16"), "is not UTF-8"),
        (b"a: [", "line 2"),
    ],
)
def test_what_may_not_be_edited_is_refused_with_the_name_of_its_file(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(BadDataError, match=told) as refused:
        object_edit(tmp_path, content)
    assert "crane.yaml" in str(refused.value)


def test_values_are_one_document(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("a: 1\n---\na: 1\n")
    with pytest.raises(BadDataError, match="holds 2 documents"):
        edit_values(yaml_file(path), {path_of("a"): 2})

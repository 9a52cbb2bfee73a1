"""Edits come out to the byte: the folders of `edits/` hold a file before and after, and what was asked for."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.manifests.files import FileEdit, edit_object, edit_values, yaml_file
from advisor.manifests.kustomize import edit_overlay
from advisor.manifests.objects import ObjectName
from advisor.manifests.path import path_of
from advisor.model.errors import BadDataError

FOLDER = Path(__file__).parent / "edits"
CASES = sorted(path.name for path in FOLDER.iterdir())


def edits(folder: Path, asked: dict[str, Any]) -> list[FileEdit]:
    """What is asked for, done to the files below `folder`."""
    values = {path_of(path): value for path, value in asked["set"].items()}
    if asked["target"] == "values":
        return [edit_values(yaml_file(folder / "values.yaml"), values)]
    kind, namespace, name = asked["target"].split("/")
    wanted = ObjectName(kind=kind, namespace=namespace, names=(name,))
    if "overlay" in asked:
        return edit_overlay(folder, Path(asked["overlay"]), wanted, values)
    found = [edit_object(yaml_file(path), wanted, values) for path in sorted(folder.rglob("*.yaml"))]
    return [edit for edit in found if edit is not None]


@pytest.mark.parametrize("name", CASES)
def test_an_edit_changes_what_was_asked_for_and_not_a_byte_more(name: str) -> None:
    case = FOLDER / name
    asked = json.loads((case / "edit.json").read_text())
    if "refuse" in asked:
        with pytest.raises(BadDataError) as refused:
            edits(case / "before", asked)
        assert all(part in str(refused.value) for part in asked["refuse"].split("; "))
        return
    changed = {edit.path.relative_to(case / "before"): edit.after for edit in edits(case / "before", asked)}
    wanted = {path.relative_to(case / "after"): path.read_bytes() for path in (case / "after").rglob("*.yaml")}
    before = {path: (case / "before" / path).read_bytes() for path in wanted}
    assert {**before, **changed} == wanted
    assert changed


def test_every_case_is_there() -> None:
    assert len(CASES) == 11

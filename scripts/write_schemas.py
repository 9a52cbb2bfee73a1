"""Writes docs/schema/: the JSON Schema of every shape that the command line and the HTTP API print.

    python scripts/write_schemas.py

A test fails when what is committed is not what this writes.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from advisor.demo.outcome import DemoView
from advisor.surfaces.json_schema import SHAPES, json_schema
from advisor.surfaces.web.problems import Problem

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schema"
ALL_SHAPES: Mapping[str, type] = {**SHAPES, "advisor/demo/v1": DemoView, "problem": Problem}
"""With those that stand with what they tell of."""


def files() -> dict[str, str]:
    """Their content by the files' names: report.v1.json for "advisor/report/v1"."""
    return {
        f"{name.removeprefix('advisor/').replace('/', '.')}.json": json.dumps(json_schema(view), indent=2) + "\n"
        for name, view in ALL_SHAPES.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")

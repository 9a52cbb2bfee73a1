"""docs/http-api.md is true: its examples run, and its table of requests is whole."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.model.change import State
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.tokens import TokenFiles
from advisor.testing.words import a_change
from tests.fakes.diagnoses import a_diagnosis
from tests.fakes.web import TOKEN, Api, serving

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "http-api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """Five changes that were kept, one that waits, and a report."""
    (tmp_path / "ada").write_text(TOKEN)
    (tmp_path / "ada").chmod(0o600)
    with serving(access=Access(tokens=TokenFiles([str(tmp_path / "ada")]))) as served:
        epoch = served.journal.take("test")
        for number in range(5):
            served.journal.add(a_change(State.KEPT, id=f"chg_{number:012x}", epoch=epoch))
        served.journal.add(a_change(id="chg_open", epoch=epoch))
        served.latest.diagnosed(a_diagnosis())
        yield served


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="needs curl and openssl")
def test_the_examples_do_what_the_page_says(api: Api, tmp_path: Path) -> None:
    shown = [
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example],
            cwd=tmp_path,
            env={**os.environ, "ADVISOR": api.url, "TOKEN": TOKEN},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for example in EXAMPLES
    ]
    made = tmp_path / "ci"
    assert (made.stat().st_mode & 0o777, len(made.read_text().strip())) == (0o600, 64)
    assert TokenFiles([str(made)]).holder(made.read_text().strip()) == "ci"
    _, report, pages, approved, paused, asked_again = shown
    assert '"schema":"advisor/report/v1"' in report
    assert [line.split()[0] for line in pages.splitlines()] == [f"chg_{number:012x}" for number in (4, 3, 2, 1, 0)]
    assert '"approved_by":"token ada (http)"' in approved
    assert '"reason":"incident 17, by token ada (http)"' in paused
    assert asked_again == "304\n"


def test_the_table_names_every_request(api: Api) -> None:
    described = api.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()["paths"]
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    for path, methods in described.items():
        listed = path.replace("{change_id}", "{id}")
        assert f"{next(iter(methods)).upper()} {listed}`" in rows or f", `{listed}`" in rows, path

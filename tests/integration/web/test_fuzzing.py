"""schemathesis over /openapi.json, on the real application and a real journal: no 5xx, every answer as described."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from advisor.journal.repository import open_journal
from advisor.model.change import State
from advisor.surfaces.alerts.route import router as alerts_router
from advisor.surfaces.slack.hearing.route import router as slack_router
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.tokens import TokenFiles
from advisor.testing.words import a_change
from tests.fakes.alerts import ACounter, an_inbox
from tests.fakes.diagnoses import a_diagnosis
from tests.fakes.slack_desk import a_desk
from tests.fakes.web import TOKEN, Api, serving


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """A journal with a change that waits for a person and three that ended, a report, and every route there is."""
    (tmp_path / "ci").write_text(TOKEN)
    (tmp_path / "ci").chmod(0o600)
    with closing(open_journal(f"sqlite:///{tmp_path}/journal.db")) as journal:
        epoch = journal.take("test")
        for number, state in enumerate((State.KEPT, State.ROLLED_BACK, State.EXPIRED)):
            journal.add(a_change(state, id=f"chg_{number:012x}", epoch=epoch))
        journal.add(a_change(epoch=epoch))
        behind = Api(journal=journal)
        behind.latest.diagnosed(a_diagnosis())
        access = Access(tokens=TokenFiles([str(tmp_path / "ci")]))
        alerts = alerts_router(an_inbox(), ACounter())
        with a_desk(tmp_path) as desk:
            slack = slack_router(desk.receiver)
            with serving(behind, access, guarded=[alerts], open_routers=[slack]) as served:
                yield served


def schemathesis(api: Api, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("schemathesis")
    return subprocess.run(
        [program, "run", f"{api.url}/openapi.json", "-H", f"Authorization: Bearer {TOKEN}", "--seed", "1", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_no_request_that_can_be_made_up_breaks_anything(api: Api, tmp_path: Path) -> None:
    done = schemathesis(api, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "5")
    assert done.returncode == 0, done.stdout
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested is not None
    assert int(tested[1]) == len(api.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()["paths"])
    cases = re.search(r"(\d+) generated", done.stdout)
    assert cases is not None
    assert int(cases[1]) > 200
    assert api.get("/-/healthy").status_code == 200


def test_every_route_but_health_metrics_and_slacks_asks_for_the_token_and_slacks_for_its_signature(api: Api) -> None:
    paths = api.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()["paths"]
    refused, let_in = set(), set()
    for path, operations in paths.items():
        for method in operations:
            answer = api.ask(method.upper(), path.replace("{change_id}", "chg_000000000000"))
            (refused if answer.status_code == 401 else let_in).add(path)
    assert let_in == {"/-/healthy", "/-/ready", "/metrics"}
    assert {"/api/v1/alerts", "/slack/interactions"} <= refused

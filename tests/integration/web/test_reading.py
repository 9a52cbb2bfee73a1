"""What the API and the page show: the views that the command line prints, page by page, and nothing of elsewhere."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.journal.repository import open_journal
from advisor.model.change import State
from advisor.surfaces.views.plain_data import plain_mapping
from advisor.surfaces.views.report import report_view
from advisor.testing.words import a_change
from tests.fakes.command import advisor_within
from tests.fakes.diagnoses import HOSTILE, a_diagnosis
from tests.fakes.web import Api, serving

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schema"


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as served:
        yield served


def filled(api: Api, ended: int = 7) -> None:
    """So many changes that ended, kept and rolled back by turns, and one that waits."""
    epoch = api.journal.take("test")
    for number in range(ended):
        state = State.KEPT if number % 2 else State.ROLLED_BACK
        api.journal.add(a_change(state, id=f"chg_{number:012x}", epoch=epoch))
    api.journal.add(a_change(id="chg_open", epoch=epoch))


def ids(page: Any) -> list[str]:
    return [change["id"] for change in page["changes"]]


def as_described(data: Any) -> Any:
    name = data["schema"].removeprefix("advisor/").replace("/", ".")
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text())).validate(data)
    return data


def test_the_report_is_that_of_the_last_cycle_and_there_is_none_before_the_first(api: Api) -> None:
    early = api.get("/api/v1/report")
    assert (early.status_code, early.headers["Retry-After"]) == (503, "5")
    assert early.json()["detail"] == "no cycle has ended yet"
    api.latest.diagnosed(a_diagnosis())
    shown = as_described(api.get("/api/v1/report").json())
    assert shown == plain_mapping(report_view(a_diagnosis(), mode="propose"))


def test_changes_come_page_by_page_and_new_ones_do_not_shift_the_pages(api: Api) -> None:
    filled(api)
    first = as_described(api.get("/api/v1/changes?limit=3").json())
    assert ids(first) == ["chg_open", "chg_000000000006", "chg_000000000005"]
    assert api.post("/api/v1/changes/chg_open/reject").status_code == 202
    api.journal.add(a_change(id="chg_new", epoch=1))
    second = api.get(f"/api/v1/changes?limit=3&cursor={first['next']}").json()
    assert ids(second) == ["chg_000000000004", "chg_000000000003", "chg_000000000002"]
    third = api.get(f"/api/v1/changes?limit=3&cursor={second['next']}").json()
    assert (ids(third), third["next"]) == (["chg_000000000001", "chg_000000000000"], None)
    assert ids(api.get("/api/v1/changes").json())[0] == "chg_new"


def test_changes_are_chosen_by_state_on_every_page(api: Api) -> None:
    filled(api)
    first = api.get("/api/v1/changes?state=kept&limit=2").json()
    assert ids(first) == ["chg_000000000005", "chg_000000000003"]
    second = api.get(f"/api/v1/changes?state=kept&limit=2&cursor={first['next']}").json()
    assert (ids(second), second["next"]) == (["chg_000000000001"], None)
    both = api.get("/api/v1/changes?state=kept&state=proposed").json()
    assert ids(both) == ["chg_open", "chg_000000000005", "chg_000000000003", "chg_000000000001"]
    assert ids(api.get("/api/v1/changes?state=stuck").json()) == []


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "query.limit"),
        ("limit=201", "query.limit"),
        ("limit=x", "query.limit"),
        ("cursor=0", "query.cursor"),
        ("cursor=-1", "query.cursor"),
        ("cursor=99999999999999999999", "query.cursor"),
        ("state=open", "query.state.0"),
    ],
)
def test_a_wrong_question_is_told_where_and_why(api: Api, query: str, where: str) -> None:
    answer = api.get(f"/api/v1/changes?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert [fault["where"] for fault in problem["faults"]] == [where]
    Draft202012Validator(json.loads((SCHEMAS / "problem.json").read_text())).validate(problem)


def test_one_change_is_asked_for_by_its_whole_id(api: Api) -> None:
    filled(api)
    shown = as_described(api.get("/api/v1/changes/chg_open").json())
    assert (shown["id"], shown["state"]) == ("chg_open", "proposed")
    for other in ("chg_0", "chg_ope", "chg_", "nothing", "chg_openn"):
        answer = api.get(f"/api/v1/changes/{other}")
        assert (answer.status_code, answer.json()["detail"]) == (404, f"there is no change '{other}'")


def test_who_has_an_answer_already_is_not_sent_it_again_until_it_is_another(api: Api) -> None:
    filled(api)
    api.latest.diagnosed(a_diagnosis())
    for path in ("/api/v1/report", "/api/v1/rules", "/api/v1/changes", "/api/v1/changes/chg_open"):
        tag = api.get(path).headers["ETag"]
        for known in (tag, f'"other", W/{tag}', "*"):
            again = api.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    tag = api.get("/api/v1/changes").headers["ETag"]
    assert api.post("/api/v1/changes/chg_open/reject").status_code == 202
    assert api.get("/api/v1/changes", headers={"If-None-Match": tag}).status_code == 200


def test_the_api_and_the_command_line_say_the_same(tmp_path: Path) -> None:
    with closing(open_journal(f"sqlite:///{tmp_path}/journal.db")) as journal, serving(Api(journal=journal)) as api:
        filled(api)
        for path, command in (
            ("/api/v1/changes", ["changes", "list"]),
            ("/api/v1/changes/chg_open", ["changes", "show", "chg_open"]),
            ("/api/v1/rules", ["rules", "list"]),
        ):
            printed = advisor_within(tmp_path, *command, "-o", "json")
            assert api.get(path).json() == json.loads(printed.stdout), path


def test_the_page_shows_the_open_change_the_list_and_the_report(api: Api) -> None:
    before = api.get("/")
    assert before.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "no cycle has ended" in before.text
    assert "No change was ever made." in before.text
    filled(api)
    api.latest.diagnosed(a_diagnosis())
    page = api.get("/").text
    assert "Change chg_open" in page
    assert "chg_000000000006" in page
    assert "pool-exhaustion" in page
    assert html.escape(HOSTILE.partition("<")[2].partition(">")[0]) in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_runs_nothing_and_asks_no_other_host(api: Api, path: str) -> None:
    filled(api)
    api.latest.diagnosed(a_diagnosis())
    answer = api.get(path)
    for forbidden in ("<script", "<link", "<img", "<iframe", "<form", "javascript:", "@import", " on", "://"):
        tags = re.findall(r"<[^>]*>", answer.text)
        assert not [tag for tag in tags if forbidden in tag.lower()], forbidden
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    fingerprint = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{fingerprint}'" in answer.headers["Content-Security-Policy"]


def test_the_description_names_every_route_and_refers_to_the_committed_shapes(api: Api) -> None:
    document = api.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/-/healthy",
        "/-/ready",
        "/metrics",
        "/api/v1/report",
        "/api/v1/rules",
        "/api/v1/changes",
        "/api/v1/changes/{change_id}",
        "/api/v1/changes/{change_id}/approve",
        "/api/v1/changes/{change_id}/reject",
        "/api/v1/changes/{change_id}/rollback",
        "/api/v1/pause",
        "/api/v1/resume",
    }
    shapes = document["components"]["schemas"]
    for name, view in (("report.v1", "ReportView"), ("change.v1", "ChangeView"), ("problem", "Problem")):
        committed = json.loads((SCHEMAS / f"{name}.json").read_text())
        assert shapes[view]["properties"].keys() == committed["properties"].keys()
        assert shapes[view]["required"] == committed["required"]
    page = api.get("/docs").text
    for path, methods in document["paths"].items():
        for method in methods:
            assert html.escape(f"{method.upper()} {path}") in page
    assert "://" not in json.dumps(document)

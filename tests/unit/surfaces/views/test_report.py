"""The JSON that other programs rely on, key by key as the contract has it."""

import json
from collections.abc import Mapping

import pytest

from advisor.surfaces.documents.report import report_document
from advisor.surfaces.formats.render import to_json
from advisor.surfaces.views.fold import grouped
from advisor.surfaces.views.report import report_view
from tests.fakes.diagnoses import a_diagnosis, a_large_diagnosis, a_quiet_diagnosis, cache_proposal, pool_proposal

CONTRACT = {
    "": ["schema", "generated_at", "mode", "sources", "rules", "findings", "proposals", "next", "waiting"],
    "sources": ["name", "status", "detail", "latency_seconds"],
    "rules": ["id", "status", "reason"],
    "findings": ["id", "rule", "severity", "subject", "summary", "cause", "guide", "evidence"],
    "findings.subject": ["kind", "name", "namespace"],
    "findings.evidence": ["signal", "value", "unit", "threshold", "query"],
    "proposals": [
        *("id", "finding", "rule", "knob", "target", "current", "proposed", "unit", "rationale", "risk", "automatic"),
        *("prediction", "apply", "undo", "alternatives"),
    ],
    "proposals.prediction": ["signal", "unit", "low", "expected", "high", "model"],
    "next": ["proposal", "reason"],
    "waiting": ["proposal", "reason"],
}
"""Keys of each object, in the contract's order. More may be added, and none may go."""


def rendered(mode: str = "propose") -> dict[str, object]:
    parsed: dict[str, object] = json.loads(to_json(report_document(report_view(a_diagnosis(), mode=mode))))
    return parsed


def objects_at(value: object, path: str) -> list[Mapping[str, object]]:
    here = value if isinstance(value, list) else [value]
    if not path:
        return [one for one in here if isinstance(one, dict)]
    step, _, rest = path.partition(".")
    return [found for one in here if isinstance(one, dict) for found in objects_at(one[step], rest)]


def test_every_key_of_the_contract_is_there_in_the_contracts_order() -> None:
    report = rendered()
    for path, keys in CONTRACT.items():
        objects = objects_at(report, path)
        assert objects, path
        for one in objects:
            assert [key for key in one if key in keys] == keys, path


def test_values_are_those_of_the_diagnosis() -> None:
    report = rendered()
    assert report["schema"] == "advisor/report/v1"
    assert report["generated_at"] == "2026-01-01T00:00:00Z"
    assert report["mode"] == "propose"
    assert report["next"] == {
        "proposal": pool_proposal().id,
        "reason": "saves the most",
        "needs_approval": True,
        "probation": "",
    }
    assert report["waiting"] == [{"proposal": cache_proposal().id, "reason": "one change at a time"}]
    first = objects_at(report, "proposals")[0]
    assert (first["knob"], first["target"], first["current"], first["proposed"]) == (
        "db.pool_size",
        {"app": "shop"},
        5,
        12,
    )
    assert objects_at(report, "proposals.prediction")[0]["signal"] == "pool.wait_mean_seconds{app=shop}"


def test_what_is_not_a_finite_number_is_null_in_json() -> None:
    cache = objects_at(rendered(), "findings")[1]
    assert cache["waste_seconds_per_second"] is None  # was infinite
    assert objects_at(cache["evidence"], "")[0]["value"] is None  # was NaN


def test_nothing_to_do_is_a_null_with_its_reason() -> None:
    report = json.loads(to_json(report_document(report_view(a_quiet_diagnosis(), mode="observe"))))
    assert report["next"] == {
        "proposal": None,
        "reason": "nothing was proposed",
        "needs_approval": False,
        "probation": "",
    }
    assert (report["findings"], report["proposals"], report["waiting"]) == ([], [], [])


def test_a_finding_names_its_statement_its_share_and_its_answer() -> None:
    report = json.loads(to_json(report_document(report_view(a_large_diagnosis(), mode="propose"))))
    answered, open_ = report["findings"][6], report["findings"][0]
    assert answered["proposals"] == [report["proposals"][0]["id"]]
    assert (answered["no_proposal"], open_["no_proposal"]) == ("", "no index that was tried lowers the cost")
    assert open_["tables"] == ["public.table_0"]
    statement = open_["statement"]
    assert statement["text"].startswith("SELECT a, b, c, d FROM table_0")
    assert statement["share"] == pytest.approx(1 / 180)  # of 30 tables with 6 statements each
    assert (statement["calls_per_second"], open_["seconds"], report["looked_seconds"]) == (2, 300, 0)


def test_variants_of_one_statement_and_small_indexes_are_one_group_each() -> None:
    groups = grouped(report_view(a_large_diagnosis(), mode="propose").findings)
    assert len(groups) == 30 + 1
    assert [len(groups[0].findings), len(groups[0].statements)] == [6, 2]
    assert groups[0].share == pytest.approx(6 / 180)
    assert (groups[-1].place, len(groups[-1].findings), groups[-1].share) == ("small indexes", 60, None)

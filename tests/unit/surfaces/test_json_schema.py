"""docs/schema/ is current and whole, and what is printed is what it says."""

import importlib.util
import json
import math
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.demo.outcome import DemoOutcome, ScenarioOutcome, Seen
from advisor.demo.outcome_document import outcome_document
from advisor.engine.decide.track_record import calibrate
from advisor.engine.replay.backtest import Span, backtest
from advisor.journal.repository import open_journal
from advisor.model.alert import Alert, AlertAnswer, AlertStatus, AnswerOutcome
from advisor.model.change import NamedSeries, Pause, Stage, State
from advisor.model.database.index_advice import (
    DropSuggestion,
    HelpedStatement,
    IndexAdvice,
    IndexSuggestion,
    SkippedStatement,
)
from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.model.report import RankedStatement, StatementRanking
from advisor.model.signal import Series, series_of
from advisor.model.trial_check import Advice, Fault, FaultKind, Power, TrialCheck, WindowCheck
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from advisor.settings.trust import TrustSettings
from advisor.surfaces.documents.index import index_document
from advisor.surfaces.notices.notice import of_change, of_recommendation
from advisor.surfaces.views.alert import AlertReceipt, RefusedAlertView, alert_answer_view
from advisor.surfaces.views.backtest import backtest_view
from advisor.surfaces.views.calibration import calibration_view
from advisor.surfaces.views.change import change_view, changes_view
from advisor.surfaces.views.pause import pause_view
from advisor.surfaces.views.plain_data import plain_mapping
from advisor.surfaces.views.report import report_view
from advisor.surfaces.views.statement_ranking import ranking_view
from advisor.surfaces.views.trial_check import TrialChecksView
from advisor.testing.history import FakeHistory
from advisor.testing.samples import FakeSamples
from advisor.testing.snapshots import a_statement
from advisor.testing.words import NOON, WAIT, a_change, a_finding, a_proposal
from tests.fakes.command import advisor_within
from tests.fakes.diagnoses import a_diagnosis
from tests.fakes.past import kept
from tests.fakes.script import SLOW_POOL, STEP_SECONDS, a_script, a_snapshot

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docs" / "schema"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_schemas", ROOT / "scripts" / "write_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WRITTEN: dict[str, str] = script().files()


def strict(schema: Any) -> Any:
    """`schema` that also refuses what it does not name: the shape may grow, but not without its schema."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if schema.get("type") == "object" and "properties" in schema else {}
    return {**closed, **{name: strict(one) for name, one in schema.items()}}


def check(data: Any) -> None:
    """As the shape that it says it is."""
    file = FOLDER / f"{data['schema'].removeprefix('advisor/').replace('/', '.')}.json"
    validator = Draft202012Validator(strict(json.loads(file.read_text())), format_checker=None)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)] == []
    json.dumps(data, allow_nan=False)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_committed_schema_is_the_present_one(name: str) -> None:
    assert (FOLDER / name).read_text() == WRITTEN[name], "say `make schemas` and commit docs/schema/"
    Draft202012Validator.check_schema(json.loads(WRITTEN[name]))


def test_there_is_a_schema_of_every_shape_that_a_module_names_and_no_other() -> None:
    sources = [path.read_text() for path in (ROOT / "advisor").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'"advisor/([a-z-]+/v\d+)"', text)}
    assert {path.name for path in FOLDER.iterdir()} == set(WRITTEN)
    assert {f"{name.replace('/', '.')}.json" for name in named} | {"problem.json"} == set(WRITTEN)


def test_what_the_commands_print_is_what_the_schemas_say(tmp_path: Path) -> None:
    with closing(open_journal(f"sqlite:///{tmp_path}/journal.db")) as journal:
        journal.add(a_change(epoch=journal.take("test")))
    commands = (
        ["rules", "list"],
        ["rules", "show", "pool-exhaustion"],
        ["changes", "list"],
        ["changes", "show", "chg_0123456789ab"],
        ["changes", "calibration"],
        ["pause", "--reason", "deploy"],
        ["changes", "list", "--limit", "1"],
        ["check"],
        ["resume"],
        ["report", "--look", "0s"],
        ["report", "--statements", "--look", "0s"],
        ["changes", "reject", "chg_0123456789ab"],
    )
    for command in commands:
        done = advisor_within(tmp_path, *command, "-o", "json")
        assert done.stdout, (command, done.stderr)
        check(json.loads(done.stdout))


def test_a_report_with_a_little_of_everything_is_what_its_schema_says() -> None:
    check(plain_mapping(report_view(a_diagnosis(), mode="propose")))


def test_a_change_at_every_step_of_its_life_is_what_its_schema_says() -> None:
    nan = math.nan
    metric = MetricComparison(
        signal="s", role="goal", before=0.1, after=nan, ratio=nan, ratio_low=-math.inf, ratio_high=math.inf,
        confidence=0.98, samples_before=30, samples_after=0, effective_before=21.5, effective_after=0.0,
    )  # fmt: skip
    series = (
        NamedSeries(signal=WAIT, series=series_of([(NOON, 0.25), (NOON + timedelta(seconds=1), nan)])),
        NamedSeries(signal=WAIT, series=Series(problem="not read")),
    )
    verdict = Verdict(outcome=Outcome.HOLD, reason=VerdictReason.NO_DATA, explanation="none", evidence=(metric,))
    for state in State:
        record = a_change(
            state,
            baseline=series,
            trial=series,
            verdict=verdict,
            stage=Stage(cohorts=(0.34,), taking=("a",), keeping=("b",)),
            trial_since=NOON,
            applying_since=NOON,
        )
        pause = Pause(reason="deploy", since=NOON, freeze=True)
        check(plain_mapping(change_view(record)))
        check(plain_mapping(changes_view("default", [record], pause, next_page=7)))
        check(plain_mapping(pause_view(pause, record)))


def test_what_needs_a_server_or_a_recording_is_what_its_schema_says() -> None:
    helped = HelpedStatement(id="1", text="SELECT 1", cost_before=10.0, cost_after=0.0)
    design = IndexDesign(schema="public", table="t", keys=(IndexKey(text="a"),))
    suggestion = IndexSuggestion(
        design=design, size_bytes=1, method="clone", queries=(helped,), ddl=("CREATE INDEX",), undo_ddl=("DROP INDEX",)
    )
    drop = DropSuggestion(schema="public", table="t", name="i", reason="unused", size_bytes=1, ddl="", undo_ddl="")
    skipped = SkippedStatement(id="2", text="SELEC", reason="does not parse")
    advice = IndexAdvice(indexes=(suggestion,), drop=(drop,), skipped=(skipped,), statements=(helped,))
    check(index_document(advice).data)
    check(index_document(IndexAdvice(indexes=())).data)

    ranked = RankedStatement(
        database="main", statement=a_statement("SELECT 1", mean_seconds=0.1), seconds=60, whole_seconds=60
    )
    check(plain_mapping(ranking_view(StatementRanking(taken_at=NOON, sources=(), statements=(ranked,)))))

    window = WindowCheck(
        longest_seconds=60, trials=0, apart=0, false_keep_ratio=math.nan, false_keep_most=1.0,
        false_alarm_ratio=math.nan, false_alarm_most=1.0,
        powers=(Power(gain_ratio=0.2, kept_ratio=math.nan, kept_least=0, median_seconds=math.nan),),
    )  # fmt: skip
    trial_check = TrialCheck(
        signal=WAIT, start=NOON, end=NOON, minimum_gain_ratio=0.2, configured=window, others=(window,), enough=None,
        faults=(
            Fault(kind=FaultKind.CYCLE, size=0.3, period_seconds=7200, trials=3, advice=tuple(Advice)),
            Fault(kind=FaultKind.NONE),
        ),
    )  # fmt: skip
    check(plain_mapping(TrialChecksView(checks=(trial_check,))))

    waits = [a_snapshot(minute, wait=0.5 if minute in (20, 21) else 0.0, size=5) for minute in range(40)]
    span = Span(start=NOON, end=NOON + timedelta(minutes=39), step_seconds=STEP_SECONDS, window_seconds=300)
    done = backtest(span, a_script(SLOW_POOL), FakeHistory(waits), FakeSamples())
    check(plain_mapping(backtest_view(done, "default")))

    check(plain_mapping(calibration_view("default", calibrate([kept()]), TrustSettings())))

    seen = Seen(requests=10, error_ratio=0.0, mean_seconds=0.1, p95_seconds=0.2)
    scenario = ScenarioOutcome(
        name="pool", found=True, change="", step="", outcome="kept", reason="", metric="wait", before=seen, after=None,
        expected=State.KEPT,
    )  # fmt: skip
    check(outcome_document(DemoOutcome(scenarios=(scenario,), seconds=1.23)).data)


def test_what_is_answered_to_alerts_and_told_in_notices_is_what_its_schema_says() -> None:
    labels = (("severity", "page"),)
    alert = Alert(key="k", status=AlertStatus.FIRING, name="Slow", labels=labels, values=(("A", math.nan),))
    answer = AlertAnswer(
        at=NOON, outcome=AnswerOutcome.PROPOSED, alerts=(alert,), count=1, findings=(a_finding(),),
        proposals=(a_proposal(),),
    )  # fmt: skip
    check(plain_mapping(alert_answer_view(answer)))
    refused = (RefusedAlertView(index=0, reason="no labels"),)
    receipt = AlertReceipt(
        queued=1, resolved=0, duplicates=0, unmatched=0, own=0, refused=refused, more_refused=0, not_sent=0
    )
    check(plain_mapping(receipt))
    check(of_change(a_change(), 0).document())
    check(of_recommendation(a_proposal(), "worth most", NOON).document())

"""How far models can be trusted, on every surface."""

import json
from dataclasses import replace

import pytest

from advisor.engine.decide.track_record import calibrate
from advisor.settings.trust import TrustSettings
from advisor.surfaces.documents.calibration import calibration_document
from advisor.surfaces.formats.render import to_csv, to_json
from advisor.surfaces.formats.text import to_text
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.surfaces.views.calibration import CalibrationView, calibration_view
from tests.fakes.diagnoses import a_diagnosis
from tests.fakes.past import kept, predicted, rolled_back

HISTORY = [*[kept(after=0.008)] * 4, rolled_back(after=0.4), kept(proposal=predicted(1, 2, 3, model="reuse-time"))]


@pytest.fixture
def view() -> CalibrationView:
    return calibration_view("default", calibrate(HISTORY), TrustSettings())


def test_programs_read_counts_coverage_bias_and_whether_the_model_is_trusted(view: CalibrationView) -> None:
    data = json.loads(to_json(calibration_document(view)))
    assert data["schema"] == "advisor/calibration/v1"
    erlang, reuse = data["models"]
    assert (erlang["model"], erlang["count"], erlang["inside"], erlang["coverage"]) == ("erlang-c", 5, 4, 0.8)
    assert erlang["bias_ratio"] == pytest.approx((2**4 * 100) ** 0.2)  # four times 0.008 / 0.004, once 0.4 / 0.004
    assert erlang["trusted"] is True
    assert (reuse["count"], reuse["inside"], reuse["trusted"]) == (1, 0, None)  # one prediction says nothing yet
    assert data["knobs"][0]["kept"] == 5
    assert data["knobs"][0]["rolled_back"] == 1


def test_people_read_what_follows_from_it(view: CalibrationView) -> None:
    text = to_text(calibration_document(view), wide=False)
    assert "erlang-c" in text
    assert "80%" in text
    assert "too few to say (5 are needed)" in text
    strict = calibration_view("default", calibrate(HISTORY), TrustSettings(smallest_coverage=0.9))
    assert "no: its changes ask a person" in to_text(calibration_document(strict), wide=False)


def test_an_empty_journal_is_said_to_be_one_and_a_spreadsheet_gets_its_header() -> None:
    empty = calibration_document(calibration_view("default", calibrate([]), TrustSettings()))
    assert "No prediction was measured yet." in to_text(empty, wide=False)
    assert to_csv(empty).splitlines() == ["Model,Measured,Came true,Coverage,Bias,Median error,Trusted"]


def test_coverage_bias_and_error_are_exported_as_metrics() -> None:
    metrics, diagnosis = AdvisorMetrics(), a_diagnosis()
    metrics.diagnosed(replace(diagnosis, choice=replace(diagnosis.choice, record=calibrate(HISTORY))))
    page = metrics.text().decode()
    assert 'advisor_prediction_coverage_ratio{model="erlang-c"} 0.8' in page
    assert 'advisor_predictions_measured{model="erlang-c"} 5.0' in page
    assert 'advisor_prediction_bias_ratio{model="erlang-c"}' in page
    assert 'advisor_prediction_error_ratio{knob="db.pool_size"}' in page
    measured = [line for line in page.splitlines() if line.startswith("advisor_prediction_error_ratio{")]
    # Newest first: from 0.4 s to 0.008 s, 0.004 s was predicted; (0.008 - 0.4) / (0.004 - 0.4) - 1 = -0.0101.
    assert [float(line.split()[-1]) for line in measured] == [pytest.approx(-0.0101, abs=1e-4)]

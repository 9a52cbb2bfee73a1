"""`changes calibration`, `changes clear` and `backtest` from outside."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from advisor.journal.repository import open_journal
from advisor.model.change import ChangeRecord, State
from tests.fakes.command import advisor_within
from tests.fakes.past import ended, kept, rolled_back


def remember(folder: Path, records: Sequence[ChangeRecord]) -> None:
    with closing(open_journal(SecretStr(f"sqlite:///{folder}/journal.db"))) as journal:
        for number, record in enumerate(records):
            journal.add(replace(record, id=f"chg_{number:012}", version=0))


def test_calibration_prints_coverage_and_bias_of_every_model(tmp_path: Path) -> None:
    remember(tmp_path, [kept(), kept(), rolled_back(after=0.4)])
    done = advisor_within(tmp_path, "changes", "calibration", "-o", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "advisor/calibration/v1"
    assert [(one["model"], one["count"], one["inside"]) for one in document["models"]] == [("erlang-c", 3, 2)]
    assert "erlang-c" in advisor_within(tmp_path, "changes", "calibration").stdout
    latest = json.loads(advisor_within(tmp_path, "changes", "calibration", "--limit", "1", "-o", "json").stdout)
    assert latest["models"][0]["count"] == 1


def test_a_person_clears_a_fight_once_and_is_named(tmp_path: Path) -> None:
    remember(tmp_path, [ended(State.SUPERSEDED), kept()])
    done = advisor_within(tmp_path, "changes", "clear", "chg_000000000000", "--as", "ada", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["phases"][-1]["reason"] == "cleared by ada: the target may be changed again"
    for change, said in (("chg_000000000000", "cleared by ada"), ("chg_000000000001", "kept, not superseded")):
        again = advisor_within(tmp_path, "changes", "clear", change)
        assert again.returncode == 2
        assert said in again.stderr
    assert advisor_within(tmp_path, "changes", "clear", "chg_nope").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--from", "-7d"], 2, "prometheus.url: nothing was recorded"),
        (["--from", "lately", "-p", "http://127.0.0.1:1"], 2, "--from: 'lately' is not a time"),
        (["--from", "2026-01-02", "--to", "2026-01-01", "-p", "http://127.0.0.1:1"], 2, "is not before"),
        (["--from", "2026-01-02", "--to", "2999-01-01", "-p", "http://127.0.0.1:1"], 2, "lies in the future"),
        (["--from", "-1h", "--step", "500ms", "-p", "http://127.0.0.1:1"], 2, "no whole number of seconds"),
        (["--from", "-52w", "--step", "1m", "-p", "http://127.0.0.1:1"], 2, "use steps of at least 10m29s"),
        (["--from", "-1h", "-r", "pool-exhausted", "-p", "http://127.0.0.1:1"], 2, "did you mean 'pool-exhaustion'?"),
        (["--from", "-1h", "-p", "http://u:geheim@127.0.0.1:1"], 3, "no answer"),
        ([], 2, "Missing option"),
    ],
)
def test_a_backtest_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = advisor_within(tmp_path, "backtest", *arguments)
    assert done.returncode == code
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr
    assert list(tmp_path.iterdir()) == []

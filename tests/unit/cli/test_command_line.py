"""The command line from outside: exit codes, what goes to stdout and what to stderr, and what is never shown."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from advisor.journal.repository import open_journal
from advisor.model.change import State
from advisor.testing.words import a_change
from tests.fakes.command import advisor, advisor_within

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty working folder."""
    return tmp_path


def as_json(done: subprocess.CompletedProcess[str]) -> Mapping[str, object]:
    assert done.returncode == 0, done.stderr
    parsed: Mapping[str, object] = json.loads(done.stdout)
    return parsed


def test_help_names_every_command_and_no_command_means_help(folder: Path) -> None:
    helped = advisor(folder, "--help")
    for command in ("report", "run", "check", "demo", "backtest", "changes", "pause", "resume", "rules"):
        assert f"\n  {command} " in helped.stdout
    assert advisor(folder).stdout == helped.stdout
    assert helped.returncode == 0


def test_help_loads_nothing_that_only_a_command_needs(folder: Path) -> None:
    command = "import sys; from advisor.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "typer" in loaded
    assert not loaded & {"pydantic", "rich", "structlog", "yaml", "sqlalchemy", "psycopg", "redis", "requests"}


def test_version(folder: Path) -> None:
    assert advisor(folder, "--version").stdout == "advisor 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reprot"], "No such command 'reprot'"),
        (["report", "--no-such-flag"], "No such option"),
        (["report", "-o", "xml"], "xml"),
        (["changes", "show"], "Missing argument"),
        (["report", "--config", "missing.yaml"], "missing.yaml: cannot be read"),
    ],
)
def test_a_wrong_command_line_is_one_line_on_stderr_and_exit_2(folder: Path, arguments: list[str], said: str) -> None:
    done = advisor(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_faulty_settings_file_is_told_with_its_line_and_without_a_traceback(folder: Path) -> None:
    (folder / "a.yaml").write_text("mode: propose\npostgres:\n  dns: postgresql://u:geheim@h/d\n")
    done = advisor_within(folder, "changes", "--config", "a.yaml")
    assert done.returncode == 2
    assert done.stderr == "error: a.yaml:3: unknown setting 'postgres.dns' (did you mean 'dsn'?)\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "postgresql://u:geheim@h/d"],  # the flag was forgotten
        ["report", "--postgres-dns", "postgresql://u:geheim@h/d"],
        ["report", "--postgres-dsn=postgresql://u:geheim@127.0.0.1:1/d", "-o", "xml"],
        ["pause", "--reason", "x", "host=h password=geheim"],
    ],
)
def test_a_password_on_the_command_line_shows_up_in_no_error(folder: Path, arguments: list[str]) -> None:
    done = advisor_within(folder, *arguments)
    assert done.returncode == 2
    assert "geheim" not in done.stdout + done.stderr


def test_pause_is_durable_told_with_its_reason_and_ended_by_resume(folder: Path) -> None:
    assert as_json(advisor_within(folder, "pause", "--reason", "release", "-o", "json"))["reason"] == "release"
    paused = as_json(advisor_within(folder, "changes", "-o", "json"))["paused"]
    assert isinstance(paused, dict)
    assert (paused["reason"], paused["freeze"]) == ("release", False)

    assert as_json(advisor_within(folder, "resume", "-o", "json"))["paused"] is False
    assert as_json(advisor_within(folder, "changes", "-o", "json"))["paused"] is None


def test_changes_are_listed_and_shown_whole(folder: Path) -> None:
    now = datetime.now(UTC)
    with closing(open_journal(SecretStr(f"sqlite:///{folder}/journal.db"))) as journal:
        journal.add(a_change(State.TRIAL, created_at=now))

    listed = as_json(advisor_within(folder, "changes", "list", "-o", "json"))["changes"]
    assert isinstance(listed, list)
    assert [(one["id"], one["state"]) for one in listed] == [("chg_0123456789ab", "trial")]
    shown = as_json(advisor_within(folder, "changes", "show", "chg_0123456789ab", "-o", "json"))
    assert (shown["schema"], shown["old"], shown["new"]) == ("advisor/change/v1", 5, 12)

    frozen = advisor_within(folder, "pause", "--freeze")
    assert "may stand at 12 connections, was 5 connections (change chg_0123456789ab, trial)" in frozen.stdout


def test_a_change_that_is_not_there_is_an_error_that_says_where_to_look(folder: Path) -> None:
    advisor_within(folder, "resume")
    done = advisor_within(folder, "changes", "show", "chg_nope")
    assert done.returncode == 2
    assert "there is no change 'chg_nope' (`advisor changes list` names them all)" in done.stderr


def test_data_goes_to_the_file_that_was_named(folder: Path) -> None:
    done = advisor_within(folder, "resume", "-o", "yaml", "--out-file", "pause.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    assert "schema: advisor/pause/v1" in (folder / "pause.yaml").read_text()
    refused = advisor_within(folder, "resume", "--out-file", "no/such/folder/x")
    assert refused.returncode == 2
    assert "no/such/folder/x: cannot be written: No such file or directory" in refused.stderr


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    command = [sys.executable, "-m", "advisor.cli.main", "resume", "-o", "html"]
    with subprocess.Popen(
        command, cwd=folder, env={**clean, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""


def test_the_rule_book_is_exported_as_a_rule_file_of_prometheus(folder: Path) -> None:
    done = advisor_within(folder, "rules", "export", "--preset", "guide", "--runbooks", "https://wiki.example")
    assert done.returncode == 0
    (exported,) = yaml.safe_load(done.stdout)["groups"]
    assert [rule["alert"] for rule in exported["rules"]][:3] == ["HighResponseTime", "HighErrorRate", "PoolExhaustion"]
    assert exported["rules"][2]["annotations"]["runbook_url"] == "https://wiki.example/pool-exhaustion.md"
    assert "missing-index" in advisor_within(folder, "rules", "export", "-o", "table").stdout
    refused = advisor_within(folder, "rules", "export", "--preset", "guid")
    assert refused.returncode == 2
    assert "did you mean 'guide'?" in refused.stderr


def test_the_rule_book_lists_and_shows_rules(folder: Path) -> None:
    rules = as_json(advisor_within(folder, "rules", "-o", "json"))["rules"]
    assert isinstance(rules, list)
    ids = [rule["id"] for rule in rules]
    assert {"pool-exhaustion", "missing-index", "low-cache-hit-rate"} <= set(ids)
    for one in ids:
        assert as_json(advisor_within(folder, "rules", "show", one, "-o", "json"))["id"] == one


def test_an_unknown_rule_is_refused_with_the_nearest_one(folder: Path) -> None:
    for arguments in (["rules", "show", "mising-index"], ["report", "-r", "mising-index"]):
        done = advisor_within(folder, *arguments)
        assert done.returncode == 2
        assert "did you mean 'missing-index'?" in done.stderr


def test_a_report_without_any_source_says_what_to_give_and_ends_with_3(folder: Path) -> None:
    done = advisor(folder, "report")
    assert done.returncode == 3
    assert "give --prometheus-url, --postgres-dsn, --redis-url, --context or --manifests" in done.stderr


def test_a_report_of_a_dead_source_is_still_a_report_and_ends_with_3(folder: Path) -> None:
    done = advisor(folder, "report", "--redis-url", "redis://:geheim@127.0.0.1:1/0", "-o", "json")
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert [source["status"] for source in report["sources"] if source["status"] != "off"] == ["unavailable"]
    assert all(rule["status"] == "skipped" for rule in report["rules"])
    assert "is unavailable" in done.stderr
    assert "geheim" not in done.stdout + done.stderr


def test_a_report_leaves_no_file_behind(folder: Path) -> None:
    advisor(folder, "report", "--redis-url", "redis://127.0.0.1:1/0")
    assert list(folder.iterdir()) == []


def test_a_single_cycle_says_what_it_came_to(folder: Path) -> None:
    done = advisor(folder, "run", "--once", "--redis-url", "redis://127.0.0.1:1/0")
    assert (done.returncode, done.stdout) == (3, "")
    assert "event=nothing_chosen reason=" in done.stderr


def test_the_demo_without_its_extra_says_how_to_get_it(folder: Path) -> None:
    blocked = "import sys; sys.modules['aiohttp'] = None; from advisor.cli.main import main; sys.exit(main(['demo']))"
    done = subprocess.run(
        [sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the demo needs the module aiohttp (")
    assert done.stderr.count("\n") == 1


def test_the_demo_on_a_cluster_says_which_program_is_missing_and_how_to_get_it(folder: Path) -> None:
    """Where the cluster's own are built, openssl is the one."""
    done = advisor_within(folder, "demo", "--kubernetes", PATH=str(folder), KUBEBUILDER_ASSETS=str(folder))
    assert (done.returncode, done.stdout) == (2, "")
    missing = (
        "error: there is no kube-apiserver in KUBEBUILDER_ASSETS or .cache/cluster (`make cluster-assets` builds it"
    )
    assert done.stderr.startswith((missing, "error: openssl is missing ("))


def test_the_demo_on_a_cluster_has_a_harmful_change_of_its_own(folder: Path) -> None:
    done = advisor_within(folder, "demo", "--kubernetes", "--with-bad-change")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--kubernetes has its own harmful change" in done.stderr


def test_the_shell_completes_ids_of_changes_and_of_rules(folder: Path) -> None:
    with closing(open_journal(SecretStr(f"sqlite:///{folder}/journal.db"))) as journal:
        journal.add(a_change(State.TRIAL))

    def offered(line: str) -> str:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split())), "_ADVISOR_COMPLETE": "complete_bash"}
        return advisor(folder, **words).stdout

    assert offered("advisor changes show ") == "chg_0123456789ab\n"
    assert "pool-exhaustion\n" in offered("advisor report --rule ")


def test_where_the_journal_cannot_be_read_nothing_is_offered_and_nothing_said(folder: Path) -> None:
    done = advisor(folder, COMP_WORDS="advisor changes show ", COMP_CWORD="3", _ADVISOR_COMPLETE="complete_bash")
    assert (done.stdout.strip(), done.stderr) == ("", "")

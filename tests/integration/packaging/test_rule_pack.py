"""The example of a rule pack: built, installed beside the advisor, and run."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command import advisor
from tests.integration.sources.scripted import Scripted, scripted, vector

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "rule-pack"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pack in it, as pip installs its wheel; built without any network."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip"]
    build = [*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(EXAMPLE)]
    subprocess.run(build, check=True, timeout=110, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    install = [*pip, "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, timeout=110, capture_output=True)
    return site


@pytest.fixture
def prometheus() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


class Installation:
    """The real command line beside the installed pack, with a configuration."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.file = folder / "advisor.yaml"
        self._path = os.pathsep.join([str(site), str(ROOT)])

    def run(self, configuration: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        self.file.write_text(configuration, encoding="utf-8")
        arguments = (*arguments, "--config", str(self.file))
        return advisor(self.file.parent, *arguments, PYTHONPATH=self._path, **environ)

    def document(self, configuration: str, *arguments: str, **environ: str) -> Any:
        done = self.run(configuration, *arguments, "-o", "json", **environ)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refusal(self, configuration: str, *arguments: str, **environ: str) -> str:
        """What is said of a configuration that is refused."""
        done = self.run(configuration, *(arguments or ("rules",)), **environ)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def installation(site: Path, tmp_path: Path) -> Installation:
    return Installation(site, tmp_path)


ON = "rule_packs: [builtin, queue_depth]\n"


def test_an_installed_pack_is_off_until_it_is_named(installation: Installation) -> None:
    packs = {rule["id"]: rule["pack"] for rule in installation.document("", "rules", "list")["rules"]}
    assert set(packs.values()) == {"builtin"}

    packs = {rule["id"]: rule["pack"] for rule in installation.document(ON, "rules", "list")["rules"]}
    assert (packs["queue-backlog"], packs["pool-exhaustion"]) == ("queue_depth", "builtin")
    assert "queue_depth" in installation.run(ON, "rules", "list").stdout

    alone = installation.document("rule_packs: [queue_depth]\n", "rules", "list")["rules"]
    assert [rule["id"] for rule in alone] == ["queue-backlog"]


def test_its_rule_is_shown_with_its_page_and_can_be_disabled(installation: Installation) -> None:
    shown = installation.document(f"{ON}disabled_rules: [queue-backlog]\n", "rules", "show", "queue-backlog")
    assert (shown["pack"], shown["enabled"]) == ("queue_depth", False)
    assert "more workers (`queue.workers`)" in shown["page"]
    assert "there is no rule 'queue-backlog'" in installation.refusal("", "rules", "show", "queue-backlog")


@pytest.mark.parametrize(
    ("settings", "line", "said"),
    [
        ("rule_settings:\n  queue_depth:\n    longest_backlog_seconds: 5\n", 4, "5 has no unit"),
        (
            "rule_settings:\n  queue_depth:\n    longest_backlog_second: 5s\n",
            4,
            "did you mean 'longest_backlog_seconds'?",
        ),
        ("rule_settings:\n  queue_dept: {}\n", 3, "did you mean 'queue_depth'?"),
        ("rule_settings: {queue_depth: 5}\n", 2, "rule_settings.queue_depth"),
        ("policy:\n  knobs:\n    queue.worker: {}\n", 4, "did you mean 'queue.workers'?"),
    ],
)
def test_a_wrong_setting_of_a_pack_is_refused_with_its_file_line_and_key(
    installation: Installation, settings: str, line: int, said: str
) -> None:
    message = installation.refusal(ON + settings)
    assert f"{installation.file}:{line}: " in message
    assert said in message


def test_settings_of_a_pack_are_taken_from_the_environment_too(installation: Installation) -> None:
    name = "ADVISOR_RULE_SETTINGS__QUEUE_DEPTH__LONGEST_BACKLOG_SECONDS"
    assert f"environment variable {name}" in installation.refusal(ON, **{name: "soon"})
    environ = {"ADVISOR_RULE_PACKS": '["queue_depth"]', name: "5s"}
    assert len(installation.document("", "rules", **environ)["rules"]) == 1


def test_what_belongs_to_a_pack_that_is_off_is_unknown(installation: Installation) -> None:
    off = installation.refusal("rule_settings:\n  queue_depth: {longest_backlog_seconds: 5s}\n")
    assert "a pack that is named in rule_packs" in off
    assert "no knob 'queue.workers'" in installation.refusal("policy: {knobs: {queue.workers: {}}}\n")


def test_a_pack_that_is_not_installed_is_refused_with_the_nearest(installation: Installation) -> None:
    message = installation.refusal("mode: propose\nrule_packs:\n  - builtin\n  - queue_dept\n")
    assert f"{installation.file}:4: rule_packs: no rule pack 'queue_dept' is installed" in message
    assert "did you mean 'queue_depth'?" in message
    assert "builtin, queue_depth" in installation.refusal("rule_packs: [zzz]\n")


def test_the_rule_of_the_how_to_fires_on_the_signals_of_its_pack(
    installation: Installation, prometheus: Scripted
) -> None:
    """600 jobs wait, 4 a second are done: work for 150 s, of which the page's settings allow 60."""
    page = (ROOT / "docs" / "how-to-add-a-rule-pack.md").read_text(encoding="utf-8")
    (configuration,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    answers = [vector(value, labels={"app": "shop"}, at=time.time()) for value in ("600", "4", "2")]
    prometheus.answer(*answers)
    presets = '["queue_depth"]'

    report = installation.document(
        configuration, "report", "-p", prometheus.url, "-r", "queue-backlog", ADVISOR_PROMETHEUS__PRESETS=presets
    )

    assert report["rules"] == [{"id": "queue-backlog", "status": "fired", "reason": ""}]
    (finding,) = report["findings"]
    assert finding["summary"] == "600 jobs wait, which is work for 150 s"
    assert finding["evidence"][0]["threshold"] == 60
    (proposal,) = report["proposals"]
    assert (proposal["knob"], proposal["current"], proposal["proposed"]) == ("queue.workers", 2, 4)
    assert any("queue_jobs_waiting" in form["query"] for form in prometheus.forms)

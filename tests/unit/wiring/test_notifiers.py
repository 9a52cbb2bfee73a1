"""Slack and the webhook as the daemon has them: real threads, a real journal, real HTTP."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from advisor.clock import SystemClock
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import Phase, State
from advisor.model.errors import ConfigurationError
from advisor.settings.load import load_settings
from advisor.settings.schema import Settings
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.testing.words import a_change
from advisor.wiring.notifiers import Outside, open_notifiers
from tests.fakes.slack_api import BOT_TOKEN, CHANNEL, SlackApi
from tests.fakes.slack_http import Fault


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlJournal]:
    with closing(open_journal(SecretStr(f"sqlite:///{tmp_path}/journal.db"))) as opened:
        yield opened


@pytest.fixture
def slack() -> Iterator[SlackApi]:
    with SlackApi().running() as api:
        yield api


def settings(folder: Path, slack: SlackApi) -> Settings:
    (folder / "bot-token").write_text(BOT_TOKEN)
    (folder / "secret").write_text("a-secret-of-a-webhook")
    (folder / "advisor.yaml").write_text(
        f"slack: {{channel: {CHANNEL}, bot_token_file: bot-token, api_base_url: '{slack.api_url}'}}\n"
        f"notify: {{webhook_url: '{slack.address}hook', webhook_secret_file: secret}}\n"
    )
    return load_settings(folder / "advisor.yaml", {}, {})


def outside(journal: SqlJournal, metrics: AdvisorMetrics) -> Outside:
    return Outside(journal=journal, metrics=metrics, samples=None, clock=SystemClock(), leads=lambda: True)


def test_a_change_reaches_slack_and_the_webhook_and_goes_on_after_a_restart(
    tmp_path: Path, slack: SlackApi, journal: SqlJournal
) -> None:
    configured, metrics = settings(tmp_path, slack), AdvisorMetrics()
    epoch = journal.take("test")
    now = SystemClock().now()
    phases = (Phase(state=State.PROPOSED, at=now, reason="saves the most"),)
    record = journal.add(a_change(epoch=epoch, created_at=now, phases=phases))
    notifiers = open_notifiers(configured, outside(journal, metrics))
    assert [one.name for one in notifiers] == ["slack", "notices"]
    for one in notifiers:
        one.start()
    slack.wait_for(lambda api: len(api.messages) == 1 and len(api.calls_of("/hook")) == 1)
    for one in notifiers:
        one.stop()

    phase = Phase(state=State.REJECTED, at=now, reason="rejected by ada (cli)")
    moved = journal.advance(replace(record, state=State.REJECTED, phases=(*phases, phase)))
    slack.fail(Fault.SERVER_ERROR, "chat.update", times=1)
    restarted = open_notifiers(configured, outside(journal, metrics))
    for one in restarted:
        one.start()
        one.change_moved(moved)
    slack.wait_for(lambda api: len(api.messages) == 2 and api.messages[0].edits == 1)
    slack.wait_for(lambda api: len(api.calls_of("/hook")) == 2)
    for one in restarted:
        one.stop()
    assert slack.messages[0].buttons() == []
    assert 'advisor_notices_failed_total{destination="slack",reason="slack"} 1.0' in metrics.text().decode()


def test_what_is_not_configured_is_not_there(tmp_path: Path, journal: SqlJournal) -> None:
    assert open_notifiers(Settings(), outside(journal, AdvisorMetrics())) == ()


@pytest.mark.parametrize(("file", "setting"), [("bot-token", "slack.bot_token_file"), ("secret", "notify.webhook")])
def test_a_secrets_file_that_is_not_there_is_told_at_the_start(
    tmp_path: Path, slack: SlackApi, journal: SqlJournal, file: str, setting: str
) -> None:
    configured = settings(tmp_path, slack)
    (tmp_path / file).unlink()
    with pytest.raises(ConfigurationError, match=setting):
        open_notifiers(configured, outside(journal, AdvisorMetrics()))


def test_a_missing_extra_is_told_at_the_start_with_the_command(
    tmp_path: Path, slack: SlackApi, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "slack_sdk", None)
    with pytest.raises(ConfigurationError, match="slack_sdk is not installed") as caught:
        open_notifiers(settings(tmp_path, slack), outside(journal, AdvisorMetrics()))
    assert caught.value.fix == "pip install 'tuning-advisor[slack]'"
    assert slack.calls == []


def test_without_matplotlib_the_start_says_that_threads_have_no_pictures(
    tmp_path: Path,
    slack: SlackApi,
    journal: SqlJournal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    open_notifiers(settings(tmp_path, slack), outside(journal, AdvisorMetrics()))
    assert "pip install 'tuning-advisor[charts]'" in capsys.readouterr().out

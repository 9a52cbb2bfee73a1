"""The allow-list is by team and user; what Slack keeps is remembered for minutes, and read again before a refusal."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from advisor.clients.slack import SlackClient
from advisor.surfaces.slack.hearing.approvers import Approvers, Standing
from advisor.testing.clock import FakeClock
from tests.fakes.slack_api import BOT_TOKEN, GROUP, TEAM, Fault, SlackApi

MARA, KIM = "U0APPROVER", "U0COLLEAGUE"
YES, NO, UNKNOWN = Standing.APPROVER, Standing.STRANGER, Standing.UNKNOWN


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def slack(clock: FakeClock) -> Iterator[SlackApi]:
    with SlackApi(clock.monotonic).running() as running:
        yield running


class House:
    """Makes allow-lists against the double."""

    def __init__(self, slack: SlackApi, clock: FakeClock, folder: Path) -> None:
        self.slack, self.clock, self._file = slack, clock, folder / "token"
        self._file.write_text(BOT_TOKEN)

    def approvers(self, *entries: str, team: str | None = TEAM) -> Approvers:
        client = SlackClient(base_url=self.slack.api_url, token_file=str(self._file))
        return Approvers(entries, team, client, self.clock, patience_seconds=20)


@pytest.fixture
def house(slack: SlackApi, clock: FakeClock, tmp_path: Path) -> House:
    return House(slack, clock, tmp_path)


@pytest.mark.parametrize(
    ("entries", "user", "team", "standing"),
    [
        ((MARA,), MARA, TEAM, YES),
        ((MARA,), KIM, TEAM, NO),
        ((MARA,), MARA, "T0STRANGER", NO),
        (("T0GUEST/" + MARA,), MARA, "T0GUEST", YES),
        (("T0GUEST/" + MARA,), MARA, TEAM, NO),
        ((), MARA, TEAM, NO),
    ],
)
def test_a_person_counts_with_the_team(
    house: House, entries: Sequence[str], user: str, team: str, standing: Standing
) -> None:
    assert house.approvers(*entries).standing(user, team) is standing
    assert house.slack.calls == []


def test_members_of_a_group_count_and_are_asked_for_once_in_minutes(house: House) -> None:
    house.slack.groups[GROUP] = [MARA]
    approvers = house.approvers(GROUP)
    assert [approvers.standing(MARA, TEAM) for _ in range(3)] == [YES] * 3
    assert len(house.slack.calls_of("usergroups.users.list")) == 1
    house.clock.advance(301)
    assert approvers.standing(MARA, TEAM) is YES
    assert len(house.slack.calls_of("usergroups.users.list")) == 2


def test_a_group_is_read_again_before_somebody_is_refused(house: House) -> None:
    approvers = house.approvers(GROUP)
    assert approvers.standing(KIM, TEAM) is NO
    house.slack.groups[GROUP] = [KIM]
    house.clock.advance(16)
    assert approvers.standing(KIM, TEAM) is YES


def test_strangers_who_press_and_press_cost_four_calls_a_minute_at_most(house: House) -> None:
    approvers = house.approvers(GROUP)
    for _ in range(60):
        assert approvers.standing(KIM, TEAM) is NO
        house.clock.advance(1)
    assert len(house.slack.calls_of("usergroups.users.list")) == 4


def test_somebody_who_left_the_group_is_out_within_minutes(house: House) -> None:
    house.slack.groups[GROUP] = [MARA]
    approvers = house.approvers(GROUP)
    assert approvers.standing(MARA, TEAM) is YES
    house.slack.groups[GROUP] = []
    house.clock.advance(301)
    assert approvers.standing(MARA, TEAM) is NO


def test_a_member_of_another_team_is_no_member(house: House) -> None:
    house.slack.groups[GROUP] = [MARA]
    assert house.approvers(GROUP).standing(MARA, "T0STRANGER") is NO


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SERVER_ERROR, Fault.HTML, Fault.TOO_FAST, "missing_scope"])
def test_a_group_that_cannot_be_read_lets_nobody_in(house: House, fault: str) -> None:
    house.slack.groups[GROUP] = [MARA]
    approvers = house.approvers(GROUP, KIM)
    house.slack.fail(fault)
    assert approvers.standing(MARA, TEAM) is UNKNOWN
    assert approvers.standing(KIM, TEAM) is YES
    house.slack.heal()
    house.clock.advance(16)
    assert approvers.standing(MARA, TEAM) is YES


def test_a_membership_that_is_minutes_old_is_no_use_while_slack_is_down(house: House) -> None:
    house.slack.groups[GROUP] = [MARA]
    approvers = house.approvers(GROUP)
    assert approvers.standing(MARA, TEAM) is YES
    house.slack.fail(Fault.DOWN)
    house.clock.advance(299)
    assert approvers.standing(MARA, TEAM) is YES
    house.clock.advance(2)
    assert approvers.standing(MARA, TEAM) is UNKNOWN


def test_without_a_team_in_the_settings_it_is_the_tokens(house: House) -> None:
    approvers = house.approvers(MARA, team=None)
    house.slack.fail(Fault.DOWN)
    assert approvers.standing(MARA, TEAM) is UNKNOWN
    assert approvers.is_home("T0OTHER", None)
    house.slack.heal()
    house.clock.advance(16)
    assert approvers.standing(MARA, TEAM) is YES
    assert not approvers.is_home("T0OTHER", None)
    house.clock.advance(10_000)
    assert approvers.standing(MARA, "T0STRANGER") is NO
    assert len(house.slack.calls_of("auth.test")) == 2


def test_an_organisation_is_all_of_its_workspaces(house: House) -> None:
    house.slack.organisation, house.slack.teams = "E0GROUP", [TEAM, "T0SISTER"]
    approvers = house.approvers("W0APPROVER", team=None)
    assert approvers.standing("W0APPROVER", "T0SISTER") is YES
    assert approvers.standing("W0APPROVER", "E0GROUP") is YES
    assert approvers.standing("W0APPROVER", "T0STRANGER") is NO
    assert approvers.is_home(None, "E0GROUP")
    assert not approvers.is_home(TEAM, "E0OTHER")


def test_who_may_is_told_without_a_name(house: House) -> None:
    assert house.approvers(MARA, KIM, GROUP).describe() == "2 people and the members of S0TUNERS"
    assert house.approvers().describe() == "nobody"


class SlowApi:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.may_answer, self.has_answered = threading.Event(), threading.Event()

    def call(self, method: str, arguments: object = None) -> dict[str, object]:
        raise AssertionError(method)

    def call_form(self, method: str, arguments: object) -> dict[str, object]:
        self.may_answer.wait(20)
        self.has_answered.set()
        return {"users": [MARA]}

    def upload(self, url: str, data: bytes) -> None:
        raise AssertionError(url)

    def reread_token(self) -> bool:
        return False


def test_a_list_that_comes_too_late_for_one_press_is_there_for_the_next(clock: FakeClock) -> None:
    slow = SlowApi()
    approvers = Approvers((GROUP,), TEAM, slow, clock, patience_seconds=0)
    assert approvers.standing(MARA, TEAM) is UNKNOWN
    slow.may_answer.set()
    assert slow.has_answered.wait(20)
    patient = threading.Event()
    while approvers.standing(MARA, TEAM) is UNKNOWN:
        patient.wait(0.01)
    assert approvers.standing(MARA, TEAM) is YES

"""A person's word through the API: stored with who gave it, once, and bound to what was shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.engine.rollout.lifecycle import transition
from advisor.model.change import Event, State
from advisor.model.proposal import Risk
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.tokens import TokenFiles
from advisor.testing.words import NOON, a_change, a_proposal
from tests.fakes.web import SECOND, TOKEN, Api, serving

CHANGE = "/api/v1/changes/chg_0123456789ab"
BY_ADA, BY_BOB = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, SECOND))


@pytest.fixture
def access(tmp_path: Path) -> Access:
    for name, token in (("ada", TOKEN), ("bob", SECOND)):
        (tmp_path / name).write_text(token)
        (tmp_path / name).chmod(0o600)
    return Access(tokens=TokenFiles([str(tmp_path / "ada"), str(tmp_path / "bob")]))


@pytest.fixture
def api(access: Access) -> Iterator[Api]:
    """A change that waits for a person."""
    with serving(access=access) as served:
        served.journal.add(a_change(epoch=served.journal.take("test")))
        served.headers = BY_ADA
        yield served


def test_approved_it_waits_for_the_next_cycle_and_the_journal_says_by_whom(api: Api) -> None:
    answer = api.post(f"{CHANGE}/approve")
    assert (answer.status_code, answer.headers["Location"]) == (202, CHANGE)
    assert (answer.json()["state"], answer.json()["approved_by"]) == ("approved", "token ada (http)")
    stored = api.journal.find("chg_0123456789ab")
    assert (stored.state, stored.approved_by) == (State.APPROVED, "token ada (http)")
    assert stored.phases[-1].reason == "approved by token ada (http)"


def test_what_is_approved_is_what_was_looked_at(api: Api) -> None:
    shown = api.get(CHANGE).json()["plan_hash"]
    other = api.post(f"{CHANGE}/approve", {"plan": "0" * 16})
    assert (other.status_code, other.json()["fix"]) == (409, "look at it again, then decide")
    assert api.journal.find("chg_0123456789ab").state is State.PROPOSED
    assert api.post(f"{CHANGE}/approve", {"plan": shown}).status_code == 202


def test_the_first_word_counts_and_the_second_is_told_who_was_first(api: Api) -> None:
    assert api.post(f"{CHANGE}/reject", {"reason": "not before the sale"}).json()["state"] == "rejected"
    for word in ("approve", "reject", "rollback"):
        late = api.post(f"{CHANGE}/{word}", headers=BY_BOB)
        assert late.status_code == 409
        assert "rejected by token ada (http): not before the sale" in late.json()["detail"]


def test_a_change_on_trial_is_rolled_back_by_the_next_cycle(api: Api) -> None:
    record = api.journal.find("chg_0123456789ab")
    for event in (Event.APPROVED, Event.APPLY_BEGUN, Event.APPLIED):
        record = api.journal.advance(transition(record, event, NOON, "test"))
    answer = api.post(f"{CHANGE}/rollback", {"reason": "callers complain"})
    assert answer.status_code == 202
    assert "rolled back by token ada (http): callers complain" in answer.json()["phases"][-1]["reason"]


def test_nobody_can_give_another_name_than_their_own(api: Api) -> None:
    for body in ({"who": "root"}, {"approved_by": "root"}):
        assert api.post(f"{CHANGE}/approve", body).status_code == 422
    answer = api.post(f"{CHANGE}/approve", headers={**BY_ADA, "X-Forwarded-User": "root"})
    assert answer.json()["approved_by"] == "token ada (http)"


def test_two_who_are_needed_are_two_tokens(access: Access) -> None:
    with serving(Api(two_people=Risk.HIGH, headers=BY_ADA), access) as api:
        api.journal.add(a_change(epoch=api.journal.take("test"), proposal=a_proposal(risk=Risk.HIGH)))
        assert api.post(f"{CHANGE}/approve").json()["state"] == "proposed"
        assert api.post(f"{CHANGE}/approve").status_code == 409
        done = api.post(f"{CHANGE}/approve", headers=BY_BOB).json()
        assert (done["state"], done["approved_by"]) == ("approved", "token ada (http) and token bob (http)")


def test_a_change_that_is_not_there_cannot_be_decided(api: Api) -> None:
    for word in ("approve", "reject", "rollback"):
        for other in ("chg_0", "chg_missing", "chg_0123456789ac"):
            assert api.post(f"/api/v1/changes/{other}/{word}").status_code == 404
    assert api.journal.find("chg_0123456789ab").state is State.PROPOSED


@pytest.mark.parametrize("reason", ["x" * 501, "a\nb", "a\x00b", "\x1b[31m", 5, None, ["x"]])
def test_a_reason_is_one_line_of_some_length(api: Api, reason: object) -> None:
    assert api.post(f"{CHANGE}/reject", {"reason": reason}).status_code == 422
    assert api.journal.find("chg_0123456789ab").state is State.PROPOSED


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 202),
        (b"{}", 202),
        (b"null", 202),
        (b"[]", 422),
        (b"5", 422),
        (b"{", 400),
        (b'{"reason": "\xff"}', 400),
        (b'{"reason": "\\ud800"}', 422),
        (b"[" * 100_000, 400),
    ],
)
def test_a_body_may_be_left_out_and_what_is_no_json_is_refused(api: Api, body: bytes, status: int) -> None:
    answer = api.post(f"{CHANGE}/reject", data=body, headers={**BY_ADA, "Content-Type": "application/json"})
    assert answer.status_code == status, answer.text


def test_a_pause_is_in_force_at_once_and_says_who_and_what_is_left_changed(api: Api) -> None:
    begun = api.post("/api/v1/pause", {"reason": "incident", "freeze": True})
    assert begun.status_code == 202
    assert begun.json()["reason"] == "incident, by token ada (http)"
    assert api.journal.paused().freeze
    assert api.get("/api/v1/changes").json()["paused"]["reason"] == "incident, by token ada (http)"
    ended = api.post("/api/v1/resume")
    assert (ended.status_code, ended.json()["paused"]) == (202, False)
    assert api.journal.paused() is None
    assert api.post("/api/v1/resume").status_code == 202
    assert api.post("/api/v1/pause").json()["reason"] == "no reason given, by token ada (http)"

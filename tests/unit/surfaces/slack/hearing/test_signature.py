"""Who signs as Slack does, near in time and once, is let in; nothing that anybody sends makes the check raise."""

import pytest

from advisor.model.errors import JournalError
from advisor.surfaces.slack.hearing.signature import Refusal, SignatureCheck
from advisor.testing.clock import FakeClock
from advisor.testing.notebook import InMemoryNotebook
from tests.fakes.slack_people import SIGNING_SECRET, Delivery, signed

BODY = b"payload=%7B%7D"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def notebook() -> InMemoryNotebook:
    return InMemoryNotebook()


@pytest.fixture
def check(notebook: InMemoryNotebook, clock: FakeClock) -> SignatureCheck:
    return SignatureCheck(lambda: SIGNING_SECRET, notebook, clock)


def judged(check: SignatureCheck, sent: Delivery) -> Refusal | None:
    headers = sent.headers
    return check.refusal(sent.body, headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"])


def at(clock: FakeClock, seconds: float = 0.0) -> float:
    return clock.now().timestamp() + seconds


def test_what_slack_signs_is_let_in_once(check: SignatureCheck, clock: FakeClock) -> None:
    sent = signed(BODY, at(clock))
    assert [judged(check, sent), judged(check, sent)] == [None, Refusal.REPLAYED]


@pytest.mark.parametrize(("seconds", "refusal"), [(-301, Refusal.OLD), (-299, None), (299, None), (301, Refusal.OLD)])
def test_five_minutes_either_way(check: SignatureCheck, clock: FakeClock, seconds: float, refusal: object) -> None:
    assert judged(check, signed(BODY, at(clock, seconds))) is refusal


def test_the_documented_example_is_right(clock: FakeClock, notebook: InMemoryNotebook) -> None:
    """From authentication/verifying-requests-from-slack, with its time moved to the clock's by nobody: it is old."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    check = SignatureCheck(lambda: "8f742231b10e8888abcd99yyyzzz85a5", notebook, clock)
    assert check.refusal(body, "1531420618", signature) is Refusal.OLD
    assert check.refusal(body + b"x", "1531420618", signature) is Refusal.BAD


@pytest.mark.parametrize(
    ("moment", "signature"),
    [
        ("now", "v0=00"),
        ("-1", "v0=00"),
        ("1e9", "v0=00"),
        ("١٧٦٧٢٦٨٨٠٠", "v0=00"),
        ("9" * 400, "v0=00"),
        ("1767268800", "v0=é\udcff"),
        ("1767268800", "v0=" + "0" * 10_000),
        ("1767268800", "v1=" + "0" * 64),
        ("1767268800", " "),
    ],
)
def test_hostile_headers_are_refused_and_raise_nothing(check: SignatureCheck, moment: str, signature: str) -> None:
    assert check.refusal(b"\xff\xfe", moment, signature) is Refusal.BAD


@pytest.mark.parametrize(("moment", "signature"), [(None, "v0=00"), ("1767268800", None), ("", "")])
def test_without_a_header_nobody_is_let_in(check: SignatureCheck, moment: str | None, signature: str | None) -> None:
    assert check.refusal(BODY, moment, signature) is Refusal.MISSING


def test_a_body_that_is_no_text_may_be_signed_all_the_same(check: SignatureCheck, clock: FakeClock) -> None:
    assert judged(check, signed(b"\xff\x00\xfe", at(clock))) is None


def test_without_a_secret_nobody_is_let_in(notebook: InMemoryNotebook, clock: FakeClock) -> None:
    check = SignatureCheck(lambda: "", notebook, clock)
    assert judged(check, signed(BODY, at(clock), secret="")) is Refusal.BAD


def test_a_restart_and_another_replica_know_what_was_used(notebook: InMemoryNotebook, clock: FakeClock) -> None:
    sent = signed(BODY, at(clock))
    checks = [SignatureCheck(lambda: SIGNING_SECRET, notebook, clock) for _ in range(2)]
    assert [judged(one, sent) for one in checks] == [None, Refusal.REPLAYED]


def test_used_signatures_are_forgotten_once_they_would_be_too_old_anyway(
    check: SignatureCheck, notebook: InMemoryNotebook, clock: FakeClock
) -> None:
    early = signed(BODY, at(clock, 299))
    judged(check, early)
    clock.advance(590)  # 291 s after its time: still good, so still remembered
    assert judged(check, early) is Refusal.REPLAYED
    clock.advance(320)  # 611 s after it
    judged(check, signed(b"another", at(clock)))
    assert len(notebook.entries("slack")) == 1


def test_what_cannot_be_noted_is_not_let_in(
    check: SignatureCheck, notebook: InMemoryNotebook, clock: FakeClock
) -> None:
    notebook.down = True
    with pytest.raises(JournalError):
        judged(check, signed(BODY, at(clock)))

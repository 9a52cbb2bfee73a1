"""What others wrote: it stays text, and no longer than Slack takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.surfaces.slack.words import cut, escape, fence, fences, moment, notification, plain, visible, words
from advisor.testing.words import NOON

MARKUP = re.compile(r"<[!@#]|<https?:|<mailto:")
UNESCAPED = re.compile(r"&(?!(?:amp|lt|gt);)|[<>]")


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel>",
        "<!here|now>",
        "<@U0APPROVER>",
        "<!subteam^S0ONCALL>",
        "<https://evil.example|the runbook>",
        "<mailto:a@evil.example|mail>",
        "<!date^0^{date}|then>",
        "&lt;!channel&gt;",
        "`` ` ```<!channel>``` ",
    ],
)
def test_nothing_that_others_wrote_acts_in_mrkdwn_or_in_a_notification(hostile: str) -> None:
    for text in (words(hostile), notification(hostile), fence(hostile)):
        assert not MARKUP.search(text)
        assert not UNESCAPED.search(text)
    assert fence(hostile).count("```") == 2, "a fence ends where we end it"
    assert "`" not in words(hostile)


def test_only_three_characters_are_escaped_and_once() -> None:
    assert escape("a & b < c > d \" ' *e* _f_") == "a &amp; b &lt; c &gt; d \" ' *e* _f_"
    assert escape("&amp;") == "&amp;amp;"
    assert plain("a & b", 20) == "a & b", "plain_text knows no entities"


def test_what_shows_nothing_or_turns_the_text_is_shown_as_an_escape() -> None:
    assert visible("user\u202egnp.exe") == "user\\u202egnp.exe"
    assert visible("a\x00b\x1b[31m\u200b\u2028\ud800\U000e0041") == (
        "a\\u0000b\\u001b[31m\\u200b\\u2028\\ud800\\U000e0041"
    )
    assert visible("one\r\ntwo\tthree") == "one two three"
    assert visible("one\r\ntwo\tthree", lines=True) == "one\ntwo\tthree"
    assert visible("Größe 東京 \N{ROCKET}") == "Größe 東京 \N{ROCKET}"


def test_the_cut_comes_before_the_escaping_and_counts_it() -> None:
    assert escape(cut("<<<<", 16)) == "&lt;&lt;&lt;&lt;"  # 4 x 4
    assert escape(cut("<<<<", 15)) == "&lt;&lt;&lt;…"  # 3 x 4 + 1
    assert cut("\N{ROCKET}" * 5, 6) == "\N{ROCKET}" * 2 + "…", "2 x 2 + 1; a third one would be 7"
    assert cut("ae\u0301x", 3) == "a…", "the accent stays with its letter"


@given(st.text(max_size=400), st.integers(min_value=20, max_value=120))
def test_whatever_comes_is_within_the_limit_whole_and_harmless(text: str, limit: int) -> None:
    for made in (words(text, limit), fence(text, limit)):
        assert len(made) <= limit
        assert not UNESCAPED.search(made)
        made.encode()
    assert 1 <= len(plain(text, limit)) <= limit
    assert fence(text, limit).count("`") == 6


@given(st.text(alphabet="ab<&\n`\u202e", min_size=1, max_size=400))
def test_a_long_text_is_whole_in_its_fences(text: str) -> None:
    pieces = fences(text, 60)
    assert all(len(piece) <= 60 for piece in pieces)
    inner = "\n".join(piece.removeprefix("```\n").removesuffix("\n```") for piece in pieces)
    wanted = escape(visible(text, lines=True)).replace("`", "ˋ")
    assert [one for one in inner if one not in "\n-"] == [one for one in wanted if one != "\n"]


def test_a_time_is_in_the_readers_zone_and_can_be_read_without_slack() -> None:
    assert moment(NOON) == "<!date^1767268800^{date_short_pretty} {time}|2026-01-01 12:00 UTC>"

"""Text for Slack: what an attacker wrote stays text, and nothing becomes longer than Slack takes."""

import unicodedata
from datetime import UTC, datetime

from advisor.surfaces.slack.limits import MESSAGE_TEXT_CHARACTERS, SECTION_CHARACTERS, within

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, marks of direction and other format characters, halves of a surrogate pair, line and paragraph ends."""
_CUT = "…"
_LIKE_A_BACKTICK = "ˋ"
_FENCE = "```"


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with every character that shows nothing, or turns what it stands beside, as an escape: \\u202e.

    Ends of line become spaces; with `lines` they and tabs stay.
    """
    whole = text.replace("\r\n", "\n")
    if not lines:
        whole = whole.replace("\n", " ").replace("\t", " ")
    return "".join(one if one in "\n\t" else _shown(one) for one in whole)


def cut(text: str, limit: int, *, escaping: bool = True) -> str:
    """The beginning of raw `text` that takes `limit` at most, with … where something is missing.

    escaping: counted as it is once escaped; a character beyond the basic plane counts as two, as Slack may do.
    """
    total = sum(_weight(one, escaping) for one in text)
    if total <= limit:
        return text
    left, kept = limit - 1, 0
    for one in text:
        left -= _weight(one, escaping)
        if left < 0:
            break
        kept += 1
    while kept and kept < len(text) and unicodedata.combining(text[kept]):
        kept -= 1  # a letter keeps its accents, or goes with them
    return f"{text[:kept].rstrip()}{_CUT}"


def escape(text: str) -> str:
    """For mrkdwn and for `text`: no more than the three that Slack asks for, and once."""
    return "".join(_ENTITIES.get(one, one) for one in text)


def words(text: str, limit: int = within(SECTION_CHARACTERS)) -> str:
    """Text of others in a line of mrkdwn. Asterisks and the like are left: they can do no more than look bold."""
    return escape(cut(visible(text).strip(), limit)).replace("`", _LIKE_A_BACKTICK)


def plain(text: str, limit: int) -> str:
    """For plain_text, in which nothing is escaped and no mention acts; never empty, as that is an error there."""
    return cut(visible(text).strip(), limit, escaping=False) or "-"


def code(text: str, limit: int = 200) -> str:
    """A piece of code in a line."""
    return f"`{words(text, limit - 2) or '-'}`"


def fence(text: str, limit: int = within(SECTION_CHARACTERS)) -> str:
    """Code of several lines; a backtick in it cannot end it."""
    inner = cut(visible(text, lines=True).strip("\n"), limit - 2 * len(_FENCE) - 2)
    return f"{_FENCE}\n{escape(inner).replace('`', _LIKE_A_BACKTICK) or '-'}\n{_FENCE}"


def fences(text: str, limit: int = within(SECTION_CHARACTERS)) -> tuple[str, ...]:
    """The whole of `text` in as many fences as it takes, broken at ends of line where there are any."""
    room = limit - 2 * len(_FENCE) - 2
    pieces: list[str] = []
    rest = visible(text, lines=True).strip("\n")
    while rest:
        end = _end_within(rest, room)
        piece, rest = rest[:end], rest[end:].removeprefix("\n")
        pieces.append(fence(piece, limit))
    return tuple(pieces)


def fits_a_fence(text: str, limit: int) -> bool:
    """Whether `fence` would show all of it."""
    return _end_within(visible(text, lines=True).strip("\n"), limit - 8) == len(visible(text, lines=True).strip("\n"))


def notification(text: str) -> str:
    """What is read aloud and shown in a notification, beside the blocks."""
    return words(text, within(MESSAGE_TEXT_CHARACTERS)) or "-"


def moment(at: datetime) -> str:
    """A time in the reader's own zone; the only markup that the advisor writes."""
    utc = at.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} {{time}}|{utc:%Y-%m-%d %H:%M} UTC>"


def _shown(one: str) -> str:
    if unicodedata.category(one) not in _INVISIBLE:
        return one
    number = ord(one)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _weight(one: str, escaping: bool) -> int:
    if escaping and one in _ENTITIES:
        return len(_ENTITIES[one])
    return 2 if ord(one) > 0xFFFF else 1


def _end_within(text: str, room: int) -> int:
    left = room
    for place, one in enumerate(text):
        left -= _weight(one, escaping=True)
        if left < 0:
            at_line = text.rfind("\n", 0, place)
            return at_line if at_line > place // 2 else max(place, 1)
    return len(text)

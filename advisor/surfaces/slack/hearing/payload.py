"""What Slack sends when somebody presses a button or sends a form, as far as the advisor reads it.

Anything may be missing or null: `team` in an installation for a whole organisation, `message` under an ephemeral one,
`trigger_id` when the press is old [reference/interaction-payloads].
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from advisor.surfaces.slack.hearing.modal import REASON_ACTION, REASON_BLOCK

BLOCK_ACTIONS = "block_actions"
VIEW_SUBMISSION = "view_submission"
_LONGEST_NAME = 80
_LONGEST_ID = 64
_PARENTHESES = str.maketrans("()", "[]")


def clean(text: str) -> str:
    """`text` without what no journal can hold and no line should show: control characters, halves of surrogates."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(one for one in whole if one in "\n\t" or one.isprintable())


def _id(value: object) -> object:
    is_id = isinstance(value, str) and len(value) <= _LONGEST_ID and value.isascii() and value.isalnum()
    return value if is_id else None


Id = Annotated[str | None, BeforeValidator(_id)]
"""Of letters and digits, such as T0HARBOUR; anything else counts as missing."""


class _Edge(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class _Place(_Edge):
    id: Id = None


class User(_Edge):
    """Who pressed. team_id: where this person is at home, which need not be where the advisor is."""

    id: Id = None
    username: str = ""
    name: str = ""
    team_id: Id = None

    @property
    def shown(self) -> str:
        """The name that people see, on one line; it proves nothing, the id does."""
        name = " ".join(clean(self.username or self.name).translate(_PARENTHESES).split())
        return name[:_LONGEST_NAME] or str(self.id)


class _Option(_Edge):
    value: str = ""


class Action(_Edge):
    """One button that was pressed, or one option that was chosen."""

    action_id: str = ""
    value: str | None = None
    selected_option: _Option | None = None

    @property
    def given(self) -> str:
        """What it carries."""
        return self.selected_option.value if self.selected_option is not None else self.value or ""


class _Container(_Edge):
    message_ts: str | None = None
    channel_id: Id = None
    is_ephemeral: bool = False


class _Input(_Edge):
    value: str | None = None


class _State(_Edge):
    values: dict[str, dict[str, _Input]] = {}


class View(_Edge):
    """A form that was sent."""

    callback_id: str = ""
    private_metadata: str = ""
    state: _State = _State()

    @property
    def reason(self) -> str:
        """What was typed, without blanks around it."""
        typed = self.state.values.get(REASON_BLOCK, {}).get(REASON_ACTION)
        return clean(typed.value or "").strip() if typed is not None else ""


class Payload(_Edge):
    """One interaction."""

    type: str
    user: User = User()
    api_app_id: Id = None
    team: _Place | None = None
    enterprise: _Place | None = None
    trigger_id: str | None = None
    response_url: str | None = None
    container: _Container = _Container()
    channel: _Place | None = None
    actions: tuple[Action, ...] = ()
    view: View | None = None

    @property
    def team_id(self) -> str | None:
        """The workspace in which it happened; None in an installation for a whole organisation."""
        return self.team.id if self.team is not None else None

    @property
    def enterprise_id(self) -> str | None:
        return self.enterprise.id if self.enterprise is not None else None

    @property
    def channel_id(self) -> str | None:
        return self.container.channel_id or (self.channel.id if self.channel is not None else None)


def read_payload(text: str | bytes) -> Payload | None:
    """The interaction that a JSON text tells; None for a text that tells none."""
    try:
        return Payload.model_validate_json(text)
    except ValidationError:
        return None

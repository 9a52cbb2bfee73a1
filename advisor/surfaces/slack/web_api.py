"""Slack's Web API as the answers to a press use it: one call, no retries of the library's own, errors of our tree."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from advisor.model.errors import PermanentError, SourceUnavailableError


class SlackRefusedError(PermanentError):
    """Slack answered, and did not do it. code: its own word for why, such as "expired_trigger_id"."""

    def __init__(self, code: str, *, where: str = "", fix: str = "") -> None:
        self.code = code
        super().__init__(code, where=where, fix=fix)


class WebApi(Protocol):
    """Slack's Web API."""

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """What Slack answers. Raises SlackRefusedError when that is not ok, SourceUnavailableError when it does not."""


class SdkWebApi:
    """Implements WebApi by slack_sdk."""

    def __init__(self, base_url: str, token: Callable[[], str], timeout_seconds: int = 5) -> None:
        """token: gives the bot token as it is now; it may raise ConfigurationError."""
        self._base_url = base_url
        self._token = token
        self._timeout_seconds = timeout_seconds

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        from slack_sdk import WebClient
        from slack_sdk.errors import SlackApiError, SlackClientError

        client = WebClient(
            token=self._token(), base_url=self._base_url, timeout=self._timeout_seconds, retry_handlers=[]
        )
        where = f"Slack's {method}"
        try:
            answer = client.api_call(method, json=dict(arguments))
        except SlackApiError as error:
            code = error.response.get("error") if not isinstance(error.response, str) else None
            raise SlackRefusedError(str(code or "an answer that is none of Slack's"), where=where) from None
        except (SlackClientError, OSError, ValueError) as error:
            what = f"it could not be reached: {type(error).__name__}"
            raise SourceUnavailableError(what, where=where) from None
        data = answer.data
        return data if isinstance(data, dict) else {}

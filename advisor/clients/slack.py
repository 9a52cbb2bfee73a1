"""Slack's Web API: one call at a time, and every way in which it can fail as one error with Slack's own word for it."""

import logging
import math
import socket
import ssl
from collections.abc import Mapping
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.request import Request

from advisor.clients.http import LARGEST_ANSWER_BYTES, NoAnswerError, opener, post
from advisor.model.errors import AdvisorError
from advisor.settings.extras import require
from advisor.settings.secret_file import SecretFile

if TYPE_CHECKING:
    from slack_sdk import WebClient

_TIMEOUT_SECONDS = 10
_DEFAULT_WAIT_SECONDS = 30.0
"""Where a 429 names no Retry-After that can be read."""
_LONGEST_WAIT_SECONDS = 3600.0
_BEFORE_SENDING = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_AS_BYTES = {"Content-Type": "application/octet-stream"}


class SlackCallError(AdvisorError):
    """A call was not answered with ok.

    method: such as "chat.postMessage". code: Slack's own word, such as "channel_not_found"; "no_answer" where the
    connection broke, so that it is not known whether the call was carried out, "not_connected" where it was never
    made, "not_json" for an answer of somebody else, "http_503" for a bare status. retry_after_seconds: of a 429.
    needed: the scope that is missing. messages: what of the blocks is wrong, by their place.
    """

    def __init__(
        self,
        method: str,
        code: str,
        *,
        retry_after_seconds: float | None = None,
        needed: str = "",
        messages: tuple[str, ...] = (),
    ) -> None:
        self.method = method
        self.code = code
        self.retry_after_seconds = retry_after_seconds
        self.needed = needed
        self.messages = messages
        scope = f", the app needs the scope {needed}" if needed else ""
        super().__init__(f"Slack answered {code} to {method}{scope}", where="slack")


class SlackClient:
    """Calls the Web API with the bot's token. Nothing is repeated here: only the caller knows whether that is safe."""

    def __init__(
        self,
        *,
        base_url: str,
        token_file: str,
        timeout_seconds: int = _TIMEOUT_SECONDS,
        setting: str = "slack.bot_token_file",
    ) -> None:
        """setting: which one names the file. Raises ConfigurationError: no token in it, or no slack_sdk."""
        require("slack_sdk", extra="slack", needed_by=setting)
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._file = SecretFile(token_file, setting)
        self._token = self._file.read()

    def reread_token(self) -> bool:
        """Whether the file holds another token than the one in use; that one is used from now on."""
        token = self._file.current()
        if token is None:
            return False
        is_other, self._token = token != self._token, token
        self._web.token = token
        return is_other

    def call(self, method: str, arguments: Mapping[str, object] | None = None) -> Mapping[str, Any]:
        """The body of an answer that is ok. Raises SlackCallError."""
        return self._call(method, {"json": dict(arguments or {})})

    def call_form(self, method: str, arguments: Mapping[str, object]) -> Mapping[str, Any]:
        """The same, form-encoded: methods for files take no JSON. Raises SlackCallError."""
        return self._call(method, {"params": dict(arguments)})

    def scopes(self) -> tuple[Mapping[str, Any], frozenset[str]]:
        """What auth.test says, and the scopes that the token has. Raises SlackCallError."""
        answer = self._call("auth.test", {"json": {}}, with_headers=True)
        listed = next((v for k, v in answer["headers"].items() if k.lower() == "x-oauth-scopes"), "")
        return answer["body"], frozenset(filter(None, (scope.strip() for scope in str(listed).split(","))))

    def upload(self, url: str, data: bytes) -> None:
        """Send a file to the address that files.getUploadURLExternal gave; no token goes with it.

        Raises SlackCallError.
        """
        try:
            status = post(url, data, _AS_BYTES, timeout_seconds=self._timeout_seconds)
        except NoAnswerError:
            raise SlackCallError("upload", "no_answer") from None
        if status != 200:
            raise SlackCallError("upload", f"http_{status}")

    def _call(self, method: str, body: Mapping[str, Any], *, with_headers: bool = False) -> Mapping[str, Any]:
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            answer = self._web.api_call(method, **body)
        except SlackApiError as error:
            raise _refusal(method, error.response) from None  # the library's text may hold what was sent
        except OSError as error:
            was_never_sent = isinstance(getattr(error, "reason", error), _BEFORE_SENDING)
            raise SlackCallError(method, "not_connected" if was_never_sent else "no_answer") from None
        except (HTTPException, ValueError, LookupError, SlackClientError):  # cut short, no text
            raise SlackCallError(method, "no_answer") from None
        except AttributeError:  # the library takes any JSON for an object
            raise SlackCallError(method, "not_json") from None
        if not isinstance(answer.data, dict):
            raise SlackCallError(method, "not_json")
        return {"body": answer.data, "headers": answer.headers} if with_headers else answer.data

    @cached_property
    def _web(self) -> "WebClient":
        return _web_client(self._base_url, self._token, self._timeout_seconds)


def _web_client(base_url: str, token: str, timeout_seconds: int) -> "WebClient":
    from slack_sdk import WebClient

    class StayingClient(WebClient):
        """Follows no redirect: the library's own way would take the token along to whatever host is named."""

        def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
            with opener().open(req, timeout=self.timeout) as answer:
                text = answer.read(LARGEST_ANSWER_BYTES).decode(answer.headers.get_content_charset() or "utf-8")
                return {"status": answer.status, "headers": answer.headers, "body": text}

    quiet = logging.getLogger("advisor.slack_sdk")
    quiet.setLevel(logging.CRITICAL)  # the library logs addresses and bodies; every error is told by ours
    return StayingClient(token=token, base_url=base_url, timeout=timeout_seconds, retry_handlers=[], logger=quiet)


def _refusal(method: str, response: Any) -> SlackCallError:
    """response: slack_sdk's, whatever became of its body."""
    body = response.data if isinstance(response.data, dict) else {}
    error = body.get("error")
    status = response.status_code
    if status == 429:
        return SlackCallError(method, "ratelimited", retry_after_seconds=_retry_after(response.headers))
    if not isinstance(error, str) or not error.isascii() or not error.replace("_", "").isalnum():
        return SlackCallError(method, f"http_{status}" if status != 200 else "not_json")
    metadata = body.get("response_metadata")
    messages = metadata.get("messages", ()) if isinstance(metadata, dict) else ()
    needed = body.get("needed", "")
    return SlackCallError(
        method,
        error,
        retry_after_seconds=_retry_after(response.headers) if error in ("ratelimited", "rate_limited") else None,
        needed=needed if isinstance(needed, str) else "",
        messages=tuple(str(one) for one in messages[:10]) if isinstance(messages, list) else (),
    )


def _retry_after(headers: Mapping[str, Any]) -> float:
    value = next((value for key, value in headers.items() if key.lower() == "retry-after"), "")
    text = value[0] if isinstance(value, list) and value else value
    try:
        seconds = float(str(text))
    except ValueError:
        return _DEFAULT_WAIT_SECONDS
    return min(max(seconds, 1.0), _LONGEST_WAIT_SECONDS) if math.isfinite(seconds) else _DEFAULT_WAIT_SECONDS

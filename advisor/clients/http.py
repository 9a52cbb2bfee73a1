"""Plain HTTP without redirects: an address comes from the settings, and a secret goes to no other host."""

import urllib.request
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException
from typing import IO
from urllib.error import HTTPError

LARGEST_ANSWER_BYTES = 4 * 1024 * 1024


class NoAnswerError(Exception):
    """The connection was refused, broke, or told nothing in time."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """None: the redirect itself becomes the answer, and an HTTPError."""


def opener() -> urllib.request.OpenerDirector:
    """Follows no redirect; goes through the environment's proxy, where there is one."""
    return urllib.request.build_opener(_NoRedirect())


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_seconds: float) -> int:
    """The status of the answer. Raises NoAnswerError, which does not tell the address, as that may be a secret."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310
    try:
        with opener().open(request, timeout=timeout_seconds) as answer:
            answer.read(LARGEST_ANSWER_BYTES)
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswerError(type(getattr(error, "reason", error)).__name__) from None

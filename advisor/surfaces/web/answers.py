"""Answers in JSON: the views that the command line prints, with an ETag, and how OpenAPI describes them."""

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from advisor.surfaces.views.plain_data import as_json

_ALWAYS = (400, 422, 500)
_OF_A_BODY = (408, 413, 415)


def answer(request: Request, view: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`view` as JSON; for a GET 304 and nothing else where the caller has this very answer."""
    body = as_json(view)
    if request.method != "GET":
        return Response(body, status, dict(headers or {}), "application/json")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {**(headers or {}), "ETag": tag, "Cache-Control": "private, no-cache"}
    if {tag, "*"} & _tags(request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=kept)
    return Response(body, status, kept, "application/json")


def _tags(given: Sequence[str]) -> set[str]:
    """Those of a header that may come several times; "*" is any."""
    return {one.strip().removeprefix("W/") for line in given for one in line.split(",")}


def _who(request: Request) -> str:
    return str(request.state.who)


Who = Annotated[str, Depends(_who)]
"""Who asks, as the guard found out."""


def described(view: type, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """What a route answers: `view`, and which problems beside those that every route has."""
    word = "What was asked for." if status == 200 else "Stored; the daemon's next cycle carries it out."
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": word, "content": content_of(view, "application/json")}
    }
    if status == 200:
        found[304] = {"description": "As in If-None-Match."}
    statuses = {*problems, *_ALWAYS, *(_OF_A_BODY if status != 200 else ())}
    return found | {one: {"description": HTTPStatus(one).phrase} for one in sorted(statuses)}


def content_of(view: type, media_type: str) -> dict[str, Any]:
    """A body of this shape, by its name among the components."""
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{view.__name__}"}}}

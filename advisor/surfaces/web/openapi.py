"""The description of the HTTP API: its routes as FastAPI sees them, its answers as the views are."""

import html
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from advisor import __version__
from advisor.surfaces.json_schema import SHAPES, components
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.answers import content_of
from advisor.surfaces.web.health import PAGES
from advisor.surfaces.web.problems import MEDIA_TYPE, Problem

_ABOUT = """What the daemon found, proposed and changed, and a person's word on it. Every JSON answer is a view that the
command line prints with `-o json`; every refusal is a problem of RFC 9457. A GET that was answered before may be asked
again with `If-None-Match`."""
_TOKEN = {"type": "http", "scheme": "bearer", "description": "One of the tokens in `web.token_files`."}
_USER = {"type": "apiKey", "in": "header", "description": "The user, as one of `web.trusted_proxies` names them."}


def describe(app: FastAPI, open_paths: frozenset[str], access: Access) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`. open_paths: the routes that ask nobody who they are, where others do."""
    schemes = _schemes(access)
    about = " ".join(_ABOUT.split())
    document = get_openapi(title="Tuning advisor", version=__version__, description=about, routes=app.routes)
    parts = document.setdefault("components", {})
    own = {name: shape for name, shape in parts.get("schemas", {}).items() if "ValidationError" not in name}
    document["paths"] = {**_health(), **document["paths"]}
    parts["schemas"] = {**components([*SHAPES.values(), Problem]), **own}
    if schemes:
        parts["securitySchemes"] = schemes
    free = open_paths | PAGES.keys()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["security"] = [{name: []} for name in schemes] if path not in free else []
            _say_refusals(operation["responses"], is_guarded=path not in free)
    return document


def _schemes(access: Access) -> dict[str, Any]:
    """How a caller shows who they are; any of them is enough."""
    found: dict[str, Any] = {"token": _TOKEN} if access.tokens is not None else {}
    return found | ({"user": {**_USER, "name": access.proxies.header}} if access.proxies is not None else {})


def _say_refusals(responses: dict[str, Any], *, is_guarded: bool) -> None:
    """What the guard answers in front of every route that is not free; and that each refusal is a problem."""
    if is_guarded:
        for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            responses.setdefault(str(status.value), {"description": status.phrase})
    for code, response in responses.items():
        if code.startswith(("4", "5")):
            response.setdefault("content", content_of(Problem, MEDIA_TYPE))


def _health() -> dict[str, Any]:
    """These routes are older than the application, and not of FastAPI's."""
    text = {"text/plain": {"schema": {"type": "string"}}}
    responses = {"200": {"description": "As it is.", "content": text}}
    trouble = {"503": {"description": "What is wrong.", "content": text}}
    return {
        path: {"get": {"summary": what, "responses": {**responses, **({} if path == "/metrics" else trouble)}}}
        for path, what in PAGES.items()
    }


def as_page(document: dict[str, Any], style: str) -> str:
    """`document` for a person, as one page of ours that runs nothing and loads nothing."""
    info = document["info"]
    title = html.escape(f"{info['title']} {info['version']}: HTTP API")
    operations = "\n".join(
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p>{html.escape(info["description"])} For programs: <a href="/openapi.json">openapi.json</a>.</p>\n'
        f"{operations}\n</body>\n</html>\n"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    asked = " or ".join(name for one in operation["security"] for name in one)
    facts = [("", operation.get("description", "")), ("asks for", f"a {asked}" if asked else "nothing")]
    facts += [(one["name"], _parameter(one)) for one in operation.get("parameters", [])]
    body = operation.get("requestBody", {}).get("content", {})
    facts += [("body", f"{kind}: {_shape(one.get('schema', {}))}") for kind, one in body.items()]
    facts += [(status, _response(one)) for status, one in operation["responses"].items()]
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>\n" for name, text in facts if text)
    heading = html.escape(f"{method.upper()} {path}: {operation['summary']}")
    return f"<article>\n<h3>{heading}</h3>\n<dl>{rows}</dl>\n</article>"


def _parameter(one: dict[str, Any]) -> str:
    need = "required" if one.get("required") else "optional"
    return f"{one['in']}, {need}. {one.get('description', '')}".strip()


def _response(one: dict[str, Any]) -> str:
    shapes = [_shape(content.get("schema", {})) for content in one.get("content", {}).values()]
    return f"{one['description']} {', '.join(shape for shape in shapes if shape)}".strip()


def _shape(schema: dict[str, Any]) -> str:
    """The name of a shape of `components`, or its type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    named = [_shape(one) for one in schema.get("anyOf", [])]
    return " or ".join(named) or str(schema.get("type", ""))

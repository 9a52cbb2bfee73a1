"""Asks Prometheus and returns the whole answer, or an error that says what is wrong with it."""

import json
import math
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from prometheus_api_client.prometheus_connect import PrometheusConnect
from urllib3.util.retry import Retry

from advisor.clients.prometheus_sigv4 import signer
from advisor.clients.prometheus_words import KINDS, reason_in, reason_of, warnings_of
from advisor.model.errors import (
    AdvisorError,
    BadDataError,
    ConfigurationError,
    SourceBusyError,
    SourceUnavailableError,
)
from advisor.resilience.breaker import Breaker
from advisor.resilience.retries import Retries, tried
from advisor.settings.prometheus import PrometheusSettings

Parse = Callable[[bytes], Any]
"""Of JSON. Raises ValueError, RecursionError."""
MOST_POINTS = 11_000
"""Prometheus refuses a range query of more points than this per series."""
MOST_BYTES = 16 * 1024 * 1024
_TRANSIENT = (408, 429, 502, 503, 504)
_TURNED_AWAY = (401, 403)
_LONGEST_REASON = 300
_LOOKED_AT = 1024
_SHORTEST_SECRET = 4
_ACCESS = "set prometheus.bearer_token, basic_auth, sigv4 or headers"
_TENANT = "name the tenant in prometheus.headers, as X-Scope-OrgID"
_NOT_PROMETHEUS = "is prometheus.url the address of a Prometheus?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The data of one query as Prometheus sent it. kind: vector, matrix, scalar or string."""

    kind: str
    result: list[Any]
    warnings: tuple[str, ...] = ()


class PrometheusApi(PrometheusConnect):
    """A PrometheusConnect that sends forms, keeps time, and hides nothing of the answer."""

    def __init__(
        self, settings: PrometheusSettings, breaker: Breaker | None = None, most_bytes: int = MOST_BYTES
    ) -> None:
        """breaker: asked before every query. most_bytes: of one answer. The settings have checked the address.

        Raises ConfigurationError where queries are to be signed and cannot be.
        """
        if settings.url is None:
            raise ValueError("a PrometheusApi needs an address")
        url = settings.url.rstrip("/")
        session = requests.Session()
        session.trust_env = False
        session.verify = settings.ca_file or True
        if settings.cert_file is not None:
            session.cert = (settings.cert_file, settings.key_file) if settings.key_file else settings.cert_file
        headers = {"Accept-Encoding": "identity"}  # to pack a long answer costs the server more than to make it
        headers |= {name: value.get_secret_value() for name, value in settings.headers.items()}
        headers["Accept"] = "application/json"
        if settings.basic_auth is not None:
            user, password = settings.basic_auth.user, settings.basic_auth.password.get_secret_value()
            headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        if settings.bearer_token is not None:
            headers["Authorization"] = f"Bearer {settings.bearer_token.get_secret_value()}"
        if settings.sigv4 is not None:
            session.auth = signer(settings.sigv4)
        self._secrets = _secrets_in(headers, settings)
        none = Retry(0, read=False)  # what is sent again, and when, is decided in `_send`
        super().__init__(
            url=url, headers=headers, retry=none, session=session, timeout=math.ceil(settings.timeout_seconds)
        )
        self._seconds = settings.timeout_seconds
        resolution = settings.max_source_resolution_seconds
        self._always = {} if resolution is None else {"max_source_resolution": f"{resolution:g}s"}
        self._most_bytes = most_bytes
        self._breaker = breaker
        self._retries = Retries(
            attempts=3, first_pause_seconds=0.2, longest_pause_seconds=1.0, within_seconds=self._seconds
        )
        self._where = f"prometheus {shown_url(url)}"

    def instant(self, query: str, at: datetime) -> Answer:
        """The answer to `query` at one moment. Raises SourceUnavailableError or BadDataError."""
        return self._ask("query", {"query": query, "time": f"{at.timestamp():.3f}"})

    def range(
        self, query: str, start: datetime, end: datetime, step_seconds: float, parse: Parse = json.loads
    ) -> Answer:
        """The answer over [start, end]. Refused, before it is sent, when it would be of over 11,000 points a series.

        parse: such as `prometheus_points.parsed`, for the points of a series as an array.
        """
        span = (end - start).total_seconds()
        if not 0 < step_seconds < math.inf:
            what = f"a step of {step_seconds:g} s is none"
            raise BadDataError(what, where=self._where, fix="set prometheus.step_seconds above 0")
        if span / step_seconds + 1 > MOST_POINTS:
            smallest = math.ceil(span / (MOST_POINTS - 1))
            raise BadDataError(
                f"a range of {span:.0f} s at steps of {step_seconds:g} s is more than {MOST_POINTS} points",
                where=self._where,
                fix=f"use steps of at least {smallest} s",
            )
        form = {"query": query, "start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}"}
        return self._ask("query_range", {**form, "step": f"{step_seconds:.3f}"}, parse)

    def version(self) -> str:
        """What Prometheus says it is; "unknown" of one that answers queries and does not say. Raises as instant."""
        try:
            document = self._send("GET", "status/buildinfo", {})
        except BadDataError:
            self.instant("vector(1)", datetime.now(UTC))
            return "unknown"
        data = document.get("data")
        return str(data.get("version", "unknown")) if isinstance(data, dict) else "unknown"

    def time(self) -> datetime:
        """What the server's own clock says. Raises as instant."""
        answer = self._ask("query", {"query": "time()"})
        try:
            return datetime.fromtimestamp(float(answer.result[1]), UTC)
        except (IndexError, TypeError, ValueError, OverflowError) as error:
            raise BadDataError("the answer is no time", where=self._where, fix=_NOT_PROMETHEUS) from error

    def _ask(self, endpoint: str, form: dict[str, str], parse: Parse = json.loads) -> Answer:
        form = {**form, **self._always, "timeout": f"{self._seconds:g}s"}
        document = self._send("POST", endpoint, form, parse)
        data = document.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("result", ""), list | None):
            raise BadDataError("the answer has no result", where=self._where, fix=_NOT_PROMETHEUS)
        # Several servers write an empty result as null, some of them without its kind.
        return Answer(
            kind=str(data.get("resultType") or KINDS[endpoint]),
            result=data["result"] or [],
            warnings=tuple(self._without_secrets(text) for text in warnings_of(document)),
        )

    def _send(self, method: str, endpoint: str, form: dict[str, str], parse: Parse = json.loads) -> dict[str, Any]:
        """The answer. Sent again where it was refused for the moment; a query that was too slow once is not."""
        with self._breaker.guard() if self._breaker is not None else nullcontext():
            return tried(lambda: self._send_once(method, endpoint, form, parse), self._retries, on=SourceBusyError)

    def _send_once(self, method: str, endpoint: str, form: dict[str, str], parse: Parse) -> dict[str, Any]:
        try:
            with self._session.request(
                method,
                f"{self.url}/api/v1/{endpoint}",
                data=form or None,
                headers=self.headers,
                timeout=self._seconds,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._read(response, parse)
        except requests.exceptions.SSLError as error:
            raise SourceUnavailableError(
                "its certificate is not trusted", where=self._where, fix="set prometheus.ca_file"
            ) from error
        except requests.exceptions.Timeout as error:
            raise self._too_slow() from error
        except requests.exceptions.RequestException as error:
            raise SourceBusyError(
                f"no answer: {type(error).__name__}", where=self._where, fix="check that it runs and prometheus.url"
            ) from error
        except OSError as error:  # a file of certificate or key that is not there or cannot be read
            raise self._no_certificate(error) from error

    def _read(self, response: requests.Response, parse: Parse) -> dict[str, Any]:
        status = response.status_code
        body = self._body(response)
        if status in _TURNED_AWAY:
            said = self._said(reason_in(body))
            fix = _TENANT if "org id" in said else _ACCESS
            raise BadDataError(f"access denied ({status}){said}", where=self._where, fix=fix)
        if 300 <= status < 400:
            raise BadDataError(f"a redirect ({status}) is not followed", where=self._where, fix="use the final address")
        is_page = body[:_LOOKED_AT].lstrip()[:1] == b"<"
        if is_page and status not in _TRANSIENT:  # else it is a proxy's word on a server that is away
            raise BadDataError(
                f"an HTML page instead of JSON (status {status})",
                where=self._where,
                fix="is this a log-in page? use an address that needs none, or set prometheus.bearer_token",
            )
        try:
            document = parse(body)
        except (ValueError, RecursionError) as error:
            if status in _TRANSIENT:
                raise SourceBusyError(f"status {status}", where=self._where) from error
            what = f"the answer is not JSON (status {status}){self._said(reason_in(body))}"
            raise BadDataError(what, where=self._where, fix=_NOT_PROMETHEUS) from error
        if not isinstance(document, dict):
            raise BadDataError("the answer is not a JSON object", where=self._where, fix=_NOT_PROMETHEUS)
        if document.get("status") != "success" or status != 200:
            reason = self._without_secrets(reason_of(document) or "no reason given")[:_LONGEST_REASON]
            raise _refusal(status, document.get("errorType"))(f"{reason} (status {status})", where=self._where)
        return document

    def _body(self, response: requests.Response) -> bytes:
        """What has arrived, piece by piece: neither size nor time is left to the server."""
        give_up_at = time.monotonic() + self._seconds
        parts, size = [], 0
        try:
            while part := response.raw.read1(65536, decode_content=True):
                size += len(part)
                if size > self._most_bytes:
                    what = f"the answer is larger than {self._most_bytes // 1024**2} MiB"
                    raise BadDataError(what, where=self._where, fix="narrow prometheus.matchers")
                if time.monotonic() > give_up_at:
                    raise self._too_slow()
                parts.append(part)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise self._too_slow() from error
        except urllib3.exceptions.HTTPError as error:
            raise BadDataError("the answer was cut short or garbled", where=self._where, fix="try again") from error
        return b"".join(parts)

    def _said(self, reason: str) -> str:
        """`reason` as the end of a sentence."""
        return f": the server says: {self._without_secrets(reason)[:_LONGEST_REASON]}" if reason else ""

    def _without_secrets(self, text: str) -> str:
        """What stands in front of a Prometheus may say back what it was sent."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _no_certificate(self, error: OSError) -> ConfigurationError:
        what = f"a certificate cannot be read: {type(error).__name__}"
        return ConfigurationError(what, where=self._where, fix="see prometheus.cert_file, key_file and ca_file")

    def _too_slow(self) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"no whole answer within {self._seconds:g} s", where=self._where, fix="see prometheus.timeout_seconds"
        )


def _secrets_in(headers: Mapping[str, str], settings: PrometheusSettings) -> tuple[str, ...]:
    """What is sent to prove who asks, the longest first; too short a value would blot out innocent words."""
    sent = [value for name, value in headers.items() if name in settings.headers]
    sent += headers.get("Authorization", "").partition(" ")[2:]
    if settings.basic_auth is not None:
        sent.append(settings.basic_auth.password.get_secret_value())
    if settings.sigv4 is not None:
        keys = settings.sigv4.access_key, settings.sigv4.secret_key, settings.sigv4.session_token
        sent += [key.get_secret_value() for key in keys if key is not None]
    return tuple(sorted((value for value in sent if len(value) >= _SHORTEST_SECRET), key=len, reverse=True))


def _refusal(status: int, error_type: object) -> type[AdvisorError]:
    """What an answer without success is: Prometheus says 503 of a query that took too long, too."""
    if status not in _TRANSIENT:
        return BadDataError
    return SourceUnavailableError if error_type == "timeout" else SourceBusyError


def shown_url(url: str) -> str:
    """`url` without user and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/") if parts.scheme else host or "(empty)"

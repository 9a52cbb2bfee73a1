"""Asks a Kubernetes API server for objects and lists, page by page, as plain dictionaries, and patches single objects.

The library comes late.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes_account import load_account
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.settings.kubernetes.reading import KubernetesSettings

PAGE = 250
"""Objects asked for at once: a page of pods is a megabyte or two."""
MOST_BYTES = 64 * 1024 * 1024
_LONGEST_REASON = 300
_RESTARTS = 1
_LEAST_SECONDS = 0.001
_FORBIDDEN, _NOT_THERE, _GONE, _UNAUTHENTICATED, _CONFLICT = 403, 404, 410, 401, 409
_JSON_PATCH = "application/json-patch+json"
_UNPROCESSABLE = 422
_UNTESTED = "due to an error in our request"
"""All that a server says of a JSON patch whose `test` failed."""
_REVIEWS = "authorization.k8s.io/v1"
_NO_SERVER = "is that an API server?"


class NotAllowedError(BadDataError):
    """The account may not do this: 403."""


class NotThereError(BadDataError):
    """No such kind, or no such object: 404."""


class MovedError(BadDataError):
    """What a patch was made for is not there any more: somebody wrote in between (409, 422 of a failed `test`)."""


class OutOfTimeError(SourceUnavailableError):
    """The deadline of the whole look is over; this was not read, or not to its end."""


class ExpiredError(BadDataError):
    """The server has forgotten what it was like at that version: 410. Only a list from its beginning helps."""


class _NoDiscovery:
    """The dynamic client would ask for every kind first, without a time-out, and keep the answer in a file."""

    def __init__(self, *_: object) -> None:
        """Takes what the library gives, and needs none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list. One that `begins` takes the place of all pages before it: the list had expired between two.

    version: of the whole list, from which changes can be asked for; "" where the server gives none.
    """

    objects: Sequence[Mapping[str, Any]]
    begins: bool
    version: str = ""


class KubernetesApi:
    """One cluster, with the account of a kubeconfig or of the pod that this runs in. Threads may share it."""

    def __init__(self, settings: KubernetesSettings) -> None:
        """Raises ConfigurationError for a kubeconfig, context or account that cannot be used."""
        from kubernetes.client.api_client import ApiClient
        from kubernetes.client.configuration import Configuration
        from kubernetes.dynamic import DynamicClient

        configuration = Configuration()
        self.namespace = load_account(settings, configuration)
        configuration.retries = urllib3.Retry(total=0, redirect=False)  # none of its own, and no other host
        self._client = ApiClient(configuration)
        self._dynamic: Any = DynamicClient(self._client, discoverer=_NoDiscovery)
        self._seconds = settings.timeout_seconds
        self._where = "kubernetes" + (f" {settings.context}" if settings.context else "")

    def close(self) -> None:
        self._client.rest_client.close()

    def version(self, deadline: Deadline) -> str:
        """Such as "v1.36.3". Raises as `get`."""
        return str(self.get("/version", deadline).get("gitVersion", "unknown"))

    def time(self, deadline: Deadline) -> datetime | None:
        """What the server's clock says, in whole seconds; None where its answers have no date. Raises as `get`."""
        _, headers = self._answer("/version", deadline)
        try:
            return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
        except ValueError:
            return None

    def serves(self, api_version: str, deadline: Deadline) -> bool:
        """Whether it has such an API ("group/version").

        A list does not tell: who may not read a kind is refused it (403) also where there is none.

        Raises BadDataError, SourceUnavailableError; OutOfTimeError after `deadline`.
        """
        try:
            self.get(f"/apis/{api_version}", deadline)
        except NotThereError:
            return False
        except NotAllowedError:
            return True  # it does not say; every account may ask that by default
        return True

    def get(self, path: str, deadline: Deadline, **query: object) -> Mapping[str, Any]:
        """One document. What the server says of a refusal is kept, on one line.

        Raises NotAllowedError, NotThereError, BadDataError, SourceUnavailableError; OutOfTimeError after `deadline`.
        """
        return self._answer(path, deadline, **query)[0]

    def patch(
        self, path: str, operations: Sequence[Mapping[str, Any]], deadline: Deadline, *, manager: str, is_trial: bool
    ) -> Mapping[str, Any]:
        """One object after a JSON patch (RFC 6902), in the name of a field manager. `force` is never sent.

        is_trial: the server goes through all of it, admission included, and keeps nothing (`dryRun=All`).
        Raises MovedError where a `test` failed or the object moved meanwhile; else as `get`.
        """
        query = {"field_manager": manager, "content_type": _JSON_PATCH, "body": list(operations)}
        body, _ = self._exchange("patch", path, deadline, {**query, **({"dry_run": "All"} if is_trial else {})})
        return self._document(body)

    def replace(self, path: str, document: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        """One object as the server keeps it then. `document` names the version that it is made from.

        Raises MovedError where the object is of another version by now; else as `get`.
        """
        body, _ = self._exchange("put", path, deadline, {"body": dict(document)})
        return self._document(body)

    def may(self, verb: str, resource: str, deadline: Deadline, **where: str) -> bool:
        """Whether this account may do so, as `kubectl auth can-i` asks it; where: group, namespace, name, subresource.

        Raises as `get`.
        """
        attributes = {"verb": verb, "resource": resource, **where}
        asked = {"apiVersion": _REVIEWS, "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
        return bool(self._review("selfsubjectaccessreviews", asked, deadline).get("allowed"))

    def rules(self, namespace: str, deadline: Deadline) -> Sequence[Mapping[str, Any]]:
        """What Roles let this account do in a namespace: apiGroups, resources, verbs, and resourceNames where named.

        Raises as `get`.
        """
        asked = {"apiVersion": _REVIEWS, "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace}}
        rules = self._review("selfsubjectrulesreviews", asked, deadline).get("resourceRules")
        return [one for one in rules or () if isinstance(one, Mapping)]

    def _review(self, plural: str, asked: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        body, _ = self._exchange("post", f"/apis/{_REVIEWS}/{plural}", deadline, {"body": asked})
        status = self._document(body).get("status")
        return status if isinstance(status, dict) else {}

    def _answer(self, path: str, deadline: Deadline, **query: object) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """The document and the headers of its answer."""
        body, headers = self.fetch(path, deadline, **query)
        return self._document(body), headers

    def _document(self, body: bytes) -> Mapping[str, Any]:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadDataError("the answer is not JSON", where=self._where, fix=_NO_SERVER) from error
        if not isinstance(document, dict):
            raise BadDataError("the answer is not a JSON object", where=self._where, fix=_NO_SERVER)
        return document

    def fetch(self, path: str, deadline: Deadline, **query: object) -> tuple[bytes, Mapping[str, str]]:
        """The whole body of an answer, and its headers. Raises as `get`."""
        return self._exchange("get", path, deadline, query)

    def _exchange(
        self, method: str, path: str, deadline: Deadline, query: Mapping[str, object]
    ) -> tuple[bytes, Mapping[str, str]]:
        from kubernetes.client.exceptions import ApiException, OpenApiException

        until = deadline.at_most(self._seconds)
        if until.left_seconds <= 0:
            raise self._too_slow(until, deadline)
        try:
            response = self._dynamic.request(
                method, path, serialize=False, _request_timeout=until.left_seconds + _LEAST_SECONDS, **query
            )
            return self._body(response, until), response.headers
        except ApiException as error:
            raise self._refusal(error.status or 0, str(getattr(error, "body", "") or error.reason or "")) from error
        except (OpenApiException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._too_slow(until, deadline) if _is_late(error) else self._unreachable(error) from error

    def pages(self, path: str, deadline: Deadline, limit: int = PAGE) -> Iterator[Page]:
        """The list at `path`, each object with the kind and version that the server leaves out of lists.

        Raises as `get`, also between two pages. A list that expires on the way is begun again once.
        """
        restarts = 0
        token: str | None = None
        while True:
            try:
                document = self.get(path, deadline, limit=limit, _continue=token)
            except ExpiredError:
                if restarts == _RESTARTS:
                    raise
                restarts, token = restarts + 1, None
                continue
            metadata = document.get("metadata")
            metadata = metadata if isinstance(metadata, dict) else {}
            version = str(metadata.get("resourceVersion") or "")
            yield Page(objects=_objects(document), begins=token is None, version=version)
            token = metadata.get("continue")
            if not token:
                return

    def _body(self, response: urllib3.HTTPResponse, until: Deadline) -> bytes:
        """What has arrived, piece by piece: neither size nor time is left to the server. Raises TimeoutError."""
        parts, size = list[bytes](), 0
        with closing(response):  # one that was read to its end has given its connection back by then
            while True:
                _hurry(response, until)
                part = response.read1(65536, decode_content=True)
                if not part:
                    return b"".join(parts)
                size += len(part)
                if size > MOST_BYTES:
                    what = "a page is larger than 64 MiB"
                    raise BadDataError(what, where=self._where, fix="name kubernetes.namespaces")
                parts.append(part)

    def _refusal(self, status: int, said: str) -> BadDataError | SourceUnavailableError:
        reason = _message(said)
        match status:
            case 0:
                fix = "check certificate-authority in the kubeconfig"
                return SourceUnavailableError("its certificate is not trusted", where=self._where, fix=fix)
            case _ if status == _FORBIDDEN:
                return NotAllowedError(f"not allowed: {reason}", where=self._where)
            case _ if status == _NOT_THERE:
                return NotThereError(f"not there: {reason}", where=self._where)
            case _ if status == _CONFLICT or (status == _UNPROCESSABLE and _UNTESTED in reason):
                return MovedError(f"it has moved meanwhile: {reason}", where=self._where, fix="read it again")
            case _ if status == _GONE:
                return ExpiredError(f"the list expired: {reason}", where=self._where, fix="try again")
            case _ if status == _UNAUTHENTICATED:
                fix = "log in again: the token or certificate of the kubeconfig is not taken"
                return BadDataError("access denied (401)", where=self._where, fix=fix)
            case _ if status in (408, 429) or status >= 500:
                return SourceUnavailableError(f"status {status}: {reason}", where=self._where, fix="try again later")
            case _:
                return BadDataError(f"status {status}: {reason}", where=self._where, fix=_NO_SERVER)

    def _unreachable(self, error: Exception) -> SourceUnavailableError:
        what = f"no answer: {type(_cause(error)).__name__}"
        return SourceUnavailableError(what, where=self._where, fix="check kubernetes.kubeconfig and context")

    def _too_slow(self, until: Deadline, deadline: Deadline) -> SourceUnavailableError:
        if until == deadline:
            fix = "raise kubernetes.deadline_seconds, or name fewer kubernetes.namespaces"
            return OutOfTimeError("not read to its end: the time for one look was over", where=self._where, fix=fix)
        what = f"no whole answer within {self._seconds:g} s"
        return SourceUnavailableError(what, where=self._where, fix="see kubernetes.timeout_seconds")


def _hurry(response: urllib3.HTTPResponse, until: Deadline) -> None:
    """Let the next read wait no longer than what is left. Raises TimeoutError when nothing is."""
    left = until.left_seconds
    if left <= 0:
        raise TimeoutError
    connection = getattr(response.connection, "sock", None)  # None where the server ends it after this answer
    if connection is not None:
        connection.settimeout(left)


def _cause(error: Exception) -> Exception:
    return getattr(error, "reason", None) or error


def _is_late(error: Exception) -> bool:
    cause = _cause(error)
    refused = isinstance(cause, urllib3.exceptions.NewConnectionError)  # a kind of time-out to the library
    return isinstance(cause, urllib3.exceptions.TimeoutError | TimeoutError) and not refused


def _objects(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    kind, items = str(document.get("kind", "")), document.get("items")
    if not kind.endswith("List") or not isinstance(items, list):
        raise BadDataError("the answer is no list", where="kubernetes", fix=_NO_SERVER)
    named = {"apiVersion": document.get("apiVersion"), "kind": kind.removesuffix("List")}
    return [{**named, **item} for item in items if isinstance(item, dict)]


def _message(said: str) -> str:
    """The `message` of a Status, else the text as it came."""
    try:
        status = json.loads(said)
    except ValueError:
        status = None
    message = status.get("message") if isinstance(status, dict) else None
    return one_line(str(message or said))


def one_line(said: str) -> str:
    """What a server said, without line breaks and not too long."""
    return " ".join(said.split())[:_LONGEST_REASON]

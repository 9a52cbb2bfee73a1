"""Asks a Kubernetes API server for lists, page by page, as plain dictionaries. Reads only; the library comes late."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import urllib3

from advisor.model.errors import BadDataError, ConfigurationError, SourceUnavailableError
from advisor.settings.kubernetes import KubernetesSettings

PAGE = 250
"""Objects asked for at once: a page of pods is a megabyte or two."""
MOST_BYTES = 64 * 1024 * 1024
_LONGEST_REASON = 300
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_RESTARTS = 1
_FIX = "`kubectl config get-contexts` shows what there is"
_FORBIDDEN, _NOT_THERE, _GONE, _UNAUTHENTICATED = 403, 404, 410, 401


class NotAllowedError(BadDataError):
    """The account may not do this: 403."""


class NotThereError(BadDataError):
    """No such kind, or no such object: 404."""


class _ExpiredError(BadDataError):
    """The list has changed too much since its first page: 410."""


class _NoDiscovery:
    """The dynamic client would ask for every kind first, without a time-out, and keep the answer in a file."""

    def __init__(self, *_: object) -> None:
        """Takes what the library gives, and needs none of it."""


class KubernetesApi:
    """One cluster, with the account of a kubeconfig or of the pod that this runs in. Threads may share it."""

    def __init__(self, settings: KubernetesSettings) -> None:
        """Raises ConfigurationError for a kubeconfig, context or account that cannot be used."""
        from kubernetes.client.api_client import ApiClient
        from kubernetes.client.configuration import Configuration
        from kubernetes.dynamic import DynamicClient

        configuration = Configuration()
        self.namespace = _load_account(settings, configuration)
        self.context = settings.context or ""
        configuration.retries = urllib3.Retry(total=0, redirect=False)  # none of its own, and no other host
        self._client = ApiClient(configuration)
        self._dynamic: Any = DynamicClient(self._client, discoverer=_NoDiscovery)
        self._seconds = settings.timeout_seconds
        self._where = "kubernetes" + (f" {settings.context}" if settings.context else "")

    def close(self) -> None:
        self._client.rest_client.close()

    def version(self) -> str:
        """Such as "v1.36.3". Raises as `get`."""
        return str(self.get("/version").get("gitVersion", "unknown"))

    def get(self, path: str) -> Mapping[str, Any]:
        """One document. Raises NotAllowedError, NotThereError, BadDataError or SourceUnavailableError."""
        return self._asked(lambda: self._dynamic.request("get", path, serialize=False, _request_timeout=self._seconds))

    def listed(
        self, api_version: str, plural: str, namespace: str | None = None, *, most: int | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """The objects of one kind, with the kind and version that the server leaves out of lists.

        namespace: None for all. most: end after the first page, of so many. Raises as `get`, also between two pages: a
        list that expires on the way is begun again once, and objects may then come twice.
        """
        restarts = 0
        page: str | None = None
        while True:
            try:
                document = self._page(api_version, plural, namespace, (most or PAGE, page))
            except _ExpiredError:
                if restarts == _RESTARTS:
                    raise
                restarts, page = restarts + 1, None
                continue
            yield from _objects(document, api_version)
            metadata = document.get("metadata")
            page = metadata.get("continue") if isinstance(metadata, dict) else None
            if not page or most is not None:
                return

    def _page(
        self, api_version: str, plural: str, namespace: str | None, part: tuple[int, str | None]
    ) -> Mapping[str, Any]:
        limit, page = part
        prefix = "apis" if "/" in api_version else "api"
        place = f"/namespaces/{namespace}" if namespace else ""
        path = f"/{prefix}/{api_version}{place}/{plural}"
        return self._asked(
            lambda: self._dynamic.request(
                "get", path, serialize=False, limit=limit, _continue=page, _request_timeout=self._seconds
            )
        )

    def _asked(self, ask: Callable[[], urllib3.HTTPResponse]) -> Mapping[str, Any]:
        """The answer to a request, or one of our errors. What the server says of a refusal is kept, on one line."""
        from kubernetes.client.exceptions import ApiException, OpenApiException

        try:
            document = json.loads(self._body(ask()))
        except ApiException as error:
            raise self._refusal(error.status or 0, str(getattr(error, "body", "") or error.reason or "")) from error
        except (OpenApiException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._unreachable(error) from error
        except (ValueError, RecursionError) as error:
            raise BadDataError("the answer is not JSON", where=self._where, fix="is that an API server?") from error
        if not isinstance(document, dict):
            raise BadDataError("the answer is not a JSON object", where=self._where, fix="is that an API server?")
        return document

    def _body(self, response: urllib3.HTTPResponse) -> bytes:
        """What has arrived, piece by piece: neither size nor time is left to the server."""
        give_up_at = time.monotonic() + self._seconds
        parts, size = [], 0
        with closing(response):  # one that was read to its end has given its connection back by then
            while part := response.read1(65536, decode_content=True):
                size += len(part)
                if size > MOST_BYTES:
                    what = "a page is larger than 64 MiB"
                    raise BadDataError(what, where=self._where, fix="name kubernetes.namespaces")
                if time.monotonic() > give_up_at:
                    raise self._too_slow()
                parts.append(part)
        return b"".join(parts)

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
            case _ if status == _GONE:
                return _ExpiredError(f"the list expired: {reason}", where=self._where, fix="try again")
            case _ if status == _UNAUTHENTICATED:
                fix = "log in again: the token or certificate of the kubeconfig is not taken"
                return BadDataError("access denied (401)", where=self._where, fix=fix)
            case _ if status in (408, 429) or status >= 500:
                return SourceUnavailableError(f"status {status}: {reason}", where=self._where, fix="try again later")
            case _:
                return BadDataError(f"status {status}: {reason}", where=self._where, fix="is that an API server?")

    def _unreachable(self, error: Exception) -> SourceUnavailableError:
        cause = getattr(error, "reason", None) or error
        refused = isinstance(cause, urllib3.exceptions.NewConnectionError)  # a kind of time-out to the library
        if isinstance(cause, urllib3.exceptions.TimeoutError | TimeoutError) and not refused:
            return self._too_slow()
        what = f"no answer: {type(cause).__name__}"
        return SourceUnavailableError(what, where=self._where, fix="check kubernetes.kubeconfig and context")

    def _too_slow(self) -> SourceUnavailableError:
        what = f"no whole answer within {self._seconds:g} s"
        return SourceUnavailableError(what, where=self._where, fix="see kubernetes.timeout_seconds")


def _objects(document: Mapping[str, Any], api_version: str) -> Iterator[Mapping[str, Any]]:
    kind, items = str(document.get("kind", "")), document.get("items")
    if not kind.endswith("List") or not isinstance(items, list):
        raise BadDataError("the answer is no list", where="kubernetes", fix="is that an API server?")
    for item in items:
        if isinstance(item, dict):
            yield {"apiVersion": api_version, "kind": kind.removesuffix("List"), **item}


def _message(said: str) -> str:
    """The `message` of a Status, else the text as it came."""
    try:
        status = json.loads(said)
    except ValueError:
        status = None
    message = status.get("message") if isinstance(status, dict) else None
    return " ".join(str(message or said).split())[:_LONGEST_REASON]


def _load_account(settings: KubernetesSettings, configuration: Any) -> str:
    """Fill `configuration` in, and give the namespace that the account works in by default."""
    from kubernetes.config import ConfigException, list_kube_config_contexts, load_kube_config
    from kubernetes.config.incluster_config import InClusterConfigLoader

    in_pod = settings.kubeconfig is None and settings.context is None and (_ACCOUNT / "token").is_file()
    try:
        if in_pod:
            loader = InClusterConfigLoader(str(_ACCOUNT / "token"), str(_ACCOUNT / "ca.crt"))
            loader.load_and_set(configuration)
            return (_ACCOUNT / "namespace").read_text(encoding="utf-8").strip() or "default"
        load_kube_config(settings.kubeconfig, settings.context, configuration, persist_config=False)
        contexts, current = list_kube_config_contexts(settings.kubeconfig)
    except ConfigException as error:
        where = "kubernetes.context" if settings.context else "kubernetes.kubeconfig"
        raise ConfigurationError(str(error).rstrip("."), where=where, fix=_FIX) from error
    except Exception as error:  # of a YAML reader, of files and of log-in plugins: whatever a kubeconfig leads to
        what = f"the kubeconfig cannot be used: {type(error).__name__}"
        raise ConfigurationError(what, where="kubernetes.kubeconfig", fix=_FIX) from error
    chosen = next((one for one in contexts if one.get("name") == settings.context), current)
    return str(chosen.get("context", {}).get("namespace") or "default")

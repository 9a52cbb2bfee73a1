"""Queries are signed as Amazon Managed Service for Prometheus checks them."""

import hashlib
import hmac
import re
import sys
from datetime import UTC, datetime
from functools import reduce
from typing import Any
from urllib.parse import urlsplit

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError, ConfigurationError
from advisor.settings.prometheus import PrometheusSettings
from tests.integration.sources.scripted import Reply, Scripted, settings_for, vector

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = {
    "region": "eu-central-1",
    "access_key": "AKIDEXAMPLE",
    "secret_key": "wJalrXUtnFEMI/K7MDENG",
    "session_token": "lent",
}


def ask(server: Scripted, sigv4: dict[str, str]) -> Any:
    with PrometheusApi(settings_for(server, sigv4=sigv4)) as api:
        return api.instant("up", NOON)


def signature(sent: dict[str, str], body: bytes, signed: list[str], scope: str) -> str:
    """As the description of Signature Version 4 has it, from what arrived."""
    headers = {name.lower(): value.strip() for name, value in sent.items()}
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed)
    whole = f"POST\n/api/v1/query\n\n{lines}\n{';'.join(signed)}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{hashlib.sha256(whole.encode()).hexdigest()}"

    def keyed(key: bytes, part: str) -> bytes:
        return hmac.new(key, part.encode(), "sha256").digest()

    return keyed(reduce(keyed, scope.split("/"), f"AWS4{KEY['secret_key']}".encode()), text).hex()


def test_a_query_carries_the_signature_that_the_service_works_out(server: Scripted) -> None:
    server.answer(vector("5", labels={}, at=NOON.timestamp()))
    ask(server, KEY)
    sent = server.headers[-1]
    told = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(.*), SignedHeaders=(.*), Signature=(.*)", sent["Authorization"])
    assert told is not None
    credential, signed, given = told.groups()
    key, _, scope = credential.partition("/")
    assert key == "AKIDEXAMPLE"
    assert re.fullmatch(r"\d{8}/eu-central-1/aps/aws4_request", scope)
    assert {"host", "x-amz-date"} <= set(signed.split(";"))
    assert sent["Host"] == urlsplit(server.url).netloc
    assert {name.lower(): value for name, value in sent.items()}["x-amz-security-token"] == "lent"
    assert given == signature(sent, server.bodies[-1], signed.split(";"), scope)


def test_keys_that_the_server_says_back_are_blotted_out(server: Scripted) -> None:
    server.answer(Reply(status=403, body=b'{"message": "AKIDEXAMPLE may not do that"}'))
    with pytest.raises(BadDataError, match=r"\*\*\* may not do that"):
        ask(server, KEY)


def test_one_way_to_say_who_asks_is_enough_and_a_key_has_two_parts() -> None:
    for wrong, told in (
        ({"sigv4": KEY, "bearer_token": "x"}, "set one of bearer_token, sigv4"),
        ({"sigv4": {"region": "eu-central-1", "access_key": "x"}}, "access_key and secret_key go together"),
        ({"sigv4": {"access_key": "x", "secret_key": "y"}}, "region"),
    ):
        with pytest.raises(ValueError, match=told):
            PrometheusSettings.model_validate(wrong)


def test_without_a_key_of_its_own_the_account_needs_botocore(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.session", None)  # as if it were not installed
    with pytest.raises(ConfigurationError, match=r"prometheus\.sigv4: no key is set .*pip install botocore"):
        ask(server, {"region": "eu-central-1"})


def test_without_its_library_the_extra_is_named(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests_aws4auth", None)
    with pytest.raises(ConfigurationError, match=r"requests-aws4auth is missing .*tuning-advisor\[aws\]"):
        ask(server, KEY)

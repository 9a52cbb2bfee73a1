"""Calls that go on with a new token, where the file holds one by now: a rotation needs no restart."""

from collections.abc import Callable, Mapping
from typing import Any

from advisor.clients.slack import SlackCallError
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.sender import Api

Answer = Mapping[str, Any]


class RotatingApi:
    """Implements Api. Of a call that was refused for its token nothing was done, so it may be made again."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def call(self, method: str, arguments: Mapping[str, object] | None = None) -> Answer:
        return self._with_new_token(lambda: self._api.call(method, arguments))

    def call_form(self, method: str, arguments: Mapping[str, object]) -> Answer:
        return self._with_new_token(lambda: self._api.call_form(method, arguments))

    def upload(self, url: str, data: bytes) -> None:
        self._api.upload(url, data)

    def reread_token(self) -> bool:
        return self._api.reread_token()

    def _with_new_token(self, call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        except SlackCallError as error:
            if fault_of(error) is not Fault.TOKEN or not self._api.reread_token():
                raise
        return call()

"""Whether a request comes from Slack: HMAC-SHA256 over the bytes as they came, a time that is near, and only once.

The library's own verifier raises on hostile headers (a time that is no number, a signature that is not ASCII, a body
that is not UTF-8); this one answers.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from advisor.ports.clock import Clock
from advisor.ports.notebook import Notebook
from advisor.surfaces.slack.state import SURFACE

TIME_HEADER = "X-Slack-Request-Timestamp"
SIGNATURE_HEADER = "X-Slack-Signature"
WINDOW_SECONDS = 300
"""Either way [authentication/verifying-requests-from-slack]."""

_PREFIX = "signature/"
_KEPT_SECONDS = 600
"""A signature is good for at most twice the window: from five minutes before its time to five minutes after it."""
_PURGE_SECONDS = 60.0
_LONGEST_TIME = 12
_LONGEST_SIGNATURE = 128


class Refusal(StrEnum):
    """Why a request is not taken as Slack's."""

    MISSING = "missing"
    BAD = "bad"
    OLD = "old"
    REPLAYED = "replayed"


class SignatureCheck:
    """Used signatures stand in the notebook, so that neither a restart nor another replica takes one again."""

    def __init__(self, secret: Callable[[], str], notebook: Notebook, clock: Clock) -> None:
        """secret: gives the signing secret as it is now; "" lets nobody in."""
        self._secret = secret
        self._notebook = notebook
        self._clock = clock
        self._purged = clock.monotonic()
        self._lock = threading.Lock()

    def refusal(self, body: bytes, moment: str | None, signature: str | None) -> Refusal | None:
        """None for a request of Slack's that was not seen before; it counts as seen from now on.

        Raises JournalError when that cannot be noted: then it is not to be taken either.
        """
        if not moment or not signature:
            return Refusal.MISSING
        if len(moment) > _LONGEST_TIME or not (moment.isascii() and moment.isdigit()):
            return Refusal.BAD
        secret = self._secret()
        if not secret or len(signature) > _LONGEST_SIGNATURE or not _matches(secret, body, moment, signature):
            return Refusal.BAD
        now = self._clock.now()
        if abs(now.timestamp() - int(moment)) > WINDOW_SECONDS:
            return Refusal.OLD
        self._purge(now)
        is_new = self._notebook.add(SURFACE, _PREFIX + signature, moment)
        return None if is_new else Refusal.REPLAYED

    def _purge(self, now: datetime) -> None:
        """Forget what would be too old to be taken again; once a minute at most."""
        with self._lock:
            if self._clock.monotonic() - self._purged < _PURGE_SECONDS:
                return
            self._purged = self._clock.monotonic()
        for key, moment in self._notebook.entries(SURFACE, _PREFIX):
            if (now - datetime.fromtimestamp(int(moment), UTC)).total_seconds() > _KEPT_SECONDS:
                self._notebook.drop(SURFACE, key)


def _matches(secret: str, body: bytes, moment: str, signature: str) -> bool:
    digest = hmac.new(secret.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "surrogateescape"))

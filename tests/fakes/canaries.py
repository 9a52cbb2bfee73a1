"""Secrets that are known when they are seen again: one of a kind for each that the product is told."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import yaml

from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, CHANNEL
from tests.fakes.slack_people import SIGNING_SECRET


class Canaries:
    """Of one folder. Whatever a surface shows goes through `are_hidden`: a new surface is one more line in a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: dict[str, str] = {
            "slack bot token": BOT_TOKEN,
            "slack app token": APP_TOKEN,
            "slack signing secret": SIGNING_SECRET,
        }

    def secret(self, name: str) -> str:
        """The canary of this name, in letters that stand as they are in an address, a header and a token's file."""
        return self.secrets.setdefault(name, f"canary-{len(self.secrets):02}-of-{name.replace(' ', '-')}")

    def file(self, name: str, content: str = "") -> str:
        """A file for nobody else, with this secret in it, or with `content`; its path."""
        path = self.folder / name.replace(" ", "-")
        path.touch(mode=0o600)
        path.write_text(content or self.secret(name))
        return str(path)

    def settings(self, *, port: int, prometheus: str, hooks: str, slack: str, closed: int) -> dict[str, object]:
        """Every setting that is a secret, or leads to one. closed: a port of this machine where nobody listens.

        prometheus, hooks, slack: addresses of doubles, with a slash at the end.
        """
        kubernetes = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "one",
            "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
            "clusters": [{"name": "one", "cluster": {"server": f"http://127.0.0.1:{closed}"}}],
            "users": [{"name": "one", "user": {"token": self.secret("kubernetes token")}}],
        }
        return {
            "mode": "apply",
            "daemon": {"interval_seconds": "1s"},
            "journal": {"url": f"sqlite:///{self.folder}/journal.db"},
            "prometheus": {
                "url": prometheus,
                "bearer_token": self.secret("prometheus bearer"),
                "headers": {"X-Scope-OrgID": self.secret("prometheus header")},
            },
            "postgres": {
                "dsn": f"postgresql://advisor:{self.secret('postgres password')}@127.0.0.1:{closed}/shop",
                "builder_dsn": f"postgresql://builder:{self.secret('builder password')}@127.0.0.1:{closed}/shop",
            },
            "redis": {"url": f"redis://:{self.secret('redis password')}@127.0.0.1:{closed}/0"},
            "kubernetes": {"kubeconfig": self.file("kubeconfig", yaml.safe_dump(kubernetes))},
            "web": {
                "listen_address": f"127.0.0.1:{port}",
                "token_files": [self.file("web token"), self.file("second web token")],
            },
            "slack": {
                "channel": CHANNEL,
                "approvers": ["U0APPROVER"],
                "api_base_url": f"{slack}api/",
                "bot_token_file": self.file("bot", BOT_TOKEN),
                "app_token_file": self.file("app", APP_TOKEN),
                "signing_secret_file": self.file("signing", SIGNING_SECRET),
            },
            "notify": {
                "webhook_url": f"{hooks}{self.secret('webhook path')}",
                "webhook_secret_file": self.file("webhook secret"),
                "teams_url": f"{hooks}{self.secret('teams path')}",
            },
        }

    def are_hidden(self, shown: Mapping[str, str | bytes]) -> None:
        """shown: by where it was seen. No secret stands there: as it is, percent-encoded, or in base64."""
        found = [
            f"the {name} is shown by {where}"
            for where, text in shown.items()
            for name, secret in self.secrets.items()
            if any(form in _bytes(text) for form in _forms(secret))
        ]
        assert not found, "\n".join(found)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode(errors="surrogateescape")


def _forms(secret: str) -> set[bytes]:
    """In base64 what stands before it shifts it, by none to two places: the middle of each is the same anywhere."""
    raw = secret.encode()
    shifted = (base64.b64encode(b"\0" * shift + raw)[4:-4] for shift in range(3))
    return {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *shifted}

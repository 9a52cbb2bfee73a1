"""Who may be let in from where: with a token, or a trusted proxy, the daemon may listen beyond loopback."""

from pathlib import Path

import pytest

from advisor.settings.load import load_settings
from advisor.settings.surfaces.web import WebSettings


def read(folder: Path, text: str) -> WebSettings:
    file = folder / "advisor.yaml"
    file.write_text(text)
    return load_settings(file, {}, {}).web


@pytest.mark.parametrize("address", ["0.0.0.0:9595", "'[::]:9595'", "192.0.2.1:80"])
def test_with_a_token_or_a_proxy_the_daemon_may_listen_beyond_loopback(tmp_path: Path, address: str) -> None:
    read(tmp_path, f"web:\n  listen_address: {address}\n  token_files: [ci]\n")
    proxy = "trusted_user_header: X-Forwarded-User\n  trusted_proxies: [10.0.0.0/24, 'fd00::5']"
    assert read(tmp_path, f"web:\n  listen_address: {address}\n  {proxy}\n").trusted_proxies == (
        "10.0.0.0/24",
        "fd00::5",
    )


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:9595", "'[::1]:9595'", "127.8.8.8:1"])
def test_on_loopback_it_needs_neither(tmp_path: Path, address: str) -> None:
    assert read(tmp_path, f"web:\n  listen_address: {address}\n").token_files == ()


def test_a_token_file_is_relative_to_the_settings_file(tmp_path: Path) -> None:
    assert read(tmp_path, "web:\n  token_files: [tokens/ci, /run/ada]\n").token_files == (
        f"{tmp_path}/tokens/ci",
        "/run/ada",
    )

"""Who is asking: tokens, users whom a trusted proxy names, and those on this machine."""

import base64
import ipaddress
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from advisor.surfaces.web.access import LOCAL, Access, TrustedProxies
from advisor.surfaces.web.problems import RefusedError
from advisor.surfaces.web.tokens import TokenFiles

TOKEN = "0123456789abcdef"
PROXIES = TrustedProxies(
    header="X-Forwarded-User", networks=[ipaddress.ip_network("10.0.0.5"), ipaddress.ip_network("fd00::/8")]
)


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFiles:
    path = tmp_path / "ci"
    path.write_text(TOKEN)
    path.chmod(0o600)
    return TokenFiles([str(path)])


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.lower().encode(), value.encode("latin-1")) for name, value in pairs])


def bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


def basic(user: str, password: str) -> tuple[str, str]:
    return ("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


def refusal(access: Access, *pairs: tuple[str, str], peer: str = "10.0.0.9", is_page: bool = False) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        access.person(peer, headers(*pairs), is_page=is_page)
    return caught.value


def test_a_token_says_who_asks_by_its_files_name_from_wherever(tokens: TokenFiles) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        given = headers(("Authorization", f"{scheme} {TOKEN}"))
        assert Access(tokens=tokens).person("192.0.2.1", given, is_page=False) == "token ci (http)"


def test_without_a_token_that_is_valid_nobody_is_let_in(tokens: TokenFiles) -> None:
    access = Access(tokens=tokens)
    for given in (
        [],
        [bearer("")],
        [bearer("wrong")],
        [bearer(TOKEN), bearer(TOKEN)],
        [("Authorization", TOKEN)],
        [basic("ada", TOKEN)],
        [("Host", "127.0.0.1")],
        [("X-Forwarded-User", "ada")],
    ):
        error = refusal(access, *given)
        assert error.status_code == 401
        assert (error.headers or {})["WWW-Authenticate"].startswith("Bearer")
        assert TOKEN not in f"{error.detail}{error.fix}{error.headers}"


def test_a_browser_opens_pages_with_a_token_as_the_password_and_any_name(tokens: TokenFiles) -> None:
    access = Access(tokens=tokens)
    for given in (basic("", TOKEN), basic("ada", TOKEN), bearer(TOKEN)):
        assert access.person("192.0.2.1", headers(given), is_page=True) == "token ci (http)"
    for wrong in (basic(TOKEN, ""), basic("ada", "wrong"), ("Authorization", "Basic !"), ("Authorization", "Basic")):
        assert (refusal(access, wrong, is_page=True).headers or {})["WWW-Authenticate"].startswith("Basic realm=")


def test_a_trusted_proxy_names_the_user() -> None:
    access = Access(proxies=PROXIES)
    for peer in ("10.0.0.5", "::ffff:10.0.0.5", "fd00::17", "fd00::17%eth0"):
        assert access.person(peer, headers(("X-Forwarded-User", "ada")), is_page=False) == "ada (http)"
    jose = headers(("X-Forwarded-User", "josé".encode().decode("latin-1")))
    assert access.person("10.0.0.5", jose, is_page=False) == "josé (http)"


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "::1", "", "unix", "10.0.0.5.evil.example"])
def test_the_same_header_from_anybody_else_says_nothing(peer: str) -> None:
    assert refusal(Access(proxies=PROXIES), ("X-Forwarded-User", "ada"), peer=peer).status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        [],
        [("X-Forwarded-User", "")],
        [("X-Forwarded-User", "  ")],
        [("X-Forwarded-User", "ada"), ("X-Forwarded-User", "root")],
        [("X-Forwarded-User", "a\tb")],
        [("X-Forwarded-User", "\xff")],
        [("X-Forwarded-User", "a" * 201)],
    ],
)
def test_a_proxy_that_names_nobody_or_two_is_refused(given: list[tuple[str, str]]) -> None:
    assert refusal(Access(proxies=PROXIES), *given, peer="10.0.0.5").status_code == 401


def test_with_proxies_a_token_still_does(tokens: TokenFiles) -> None:
    access = Access(tokens=tokens, proxies=PROXIES)
    assert access.person("10.0.0.5", headers(bearer(TOKEN)), is_page=False) == "token ci (http)"
    assert access.person("10.0.0.5", headers(bearer(TOKEN), ("X-Forwarded-User", "ada")), is_page=False) == "ada (http)"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9595", "LOCALHOST:80", "[::1]:9595", "127.8.0.1"])
def test_with_neither_whoever_asks_this_machine_by_its_name_is_let_in(host: str) -> None:
    assert Access().person("127.0.0.1", headers(("Host", host)), is_page=False) == LOCAL


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:9595", "192.0.2.1", "", "::1", "0.0.0.0"]
)
def test_a_name_of_elsewhere_that_was_made_to_lead_here_is_refused(host: str) -> None:
    assert refusal(Access(), ("Host", host)).status_code == 403

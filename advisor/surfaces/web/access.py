"""Who is asking: the holder of a token, a user whom a trusted proxy names, or anybody on this machine."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers

from advisor.surfaces.web.problems import RefusedError
from advisor.surfaces.web.tokens import TokenFiles

LOCAL = "somebody on this machine (http)"
_LOOPBACK_HOST = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,200}")

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedProxies:
    """Whoever comes from one of `networks` is the user that `header` names; from anywhere else it says nothing."""

    header: str
    networks: Sequence[IpNetwork]

    def user(self, peer: str, headers: Headers) -> str | None:
        """The user's name. A header given twice was put there by two, of whom one may not be the proxy."""
        if not self._is_trusted(peer):
            return None
        names = headers.getlist(self.header)
        if len(names) != 1:
            return None
        try:
            name = names[0].encode("latin-1").decode("utf-8").strip()
        except UnicodeError:
            return None
        return name if _NAME.fullmatch(name) else None

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How callers show who they are. With neither tokens nor proxies everybody who reaches the loopback is let in."""

    tokens: TokenFiles | None = None
    proxies: TrustedProxies | None = None

    def person(self, peer: str, headers: Headers, *, is_page: bool) -> str:
        """Who asks, as the journal names them, such as "ada (http)" or "token ci (http)".

        is_page: a browser may send a token as the password of HTTP's basic authentication, with any user name.
        Raises RefusedError: 401, or 403 for a name of this machine that is none.
        """
        if self.tokens is None and self.proxies is None:
            _check_host(headers)
            return LOCAL
        user = self.proxies.user(peer, headers) if self.proxies is not None else None
        if user is not None:
            return f"{user} (http)"
        token = _token_in(headers, is_page=is_page)
        holder = self.tokens.holder(token) if self.tokens is not None and token else None
        if holder is not None:
            return f"token {holder} (http)"
        raise self._unknown(is_page=is_page, is_given=bool(token))

    def _unknown(self, *, is_page: bool, is_given: bool) -> RefusedError:
        if self.tokens is None:
            what = "the user is not known"
            return RefusedError(401, what, fix="come through one of web.trusted_proxies", WWW_Authenticate="Bearer")
        challenge = 'Basic realm="advisor, with a token as the password", charset="UTF-8"' if is_page else "Bearer"
        if is_given and not is_page:
            challenge = 'Bearer error="invalid_token"'
        what = "the token is not valid" if is_given else "no token was given"
        fix = "send Authorization: Bearer TOKEN, with a token of web.token_files"
        return RefusedError(401, what, fix=fix, WWW_Authenticate=challenge)


def _check_host(headers: Headers) -> None:
    """A page of elsewhere whose name was made to lead here sends that name: what is for this machine is not for it."""
    if not _LOOPBACK_HOST.fullmatch(headers.get("host", "")):
        raise RefusedError(
            403, "the host is not this machine", fix="ask 127.0.0.1 or localhost, or configure web.token_files"
        )


def _token_in(headers: Headers, *, is_page: bool) -> str:
    """The token that a request carries; "" where there is none, or more than one."""
    given = headers.getlist("authorization")
    scheme, _, credentials = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    match scheme.lower():
        case "bearer":
            return credentials.strip()
        case "basic" if is_page:
            try:
                return base64.b64decode(credentials.strip(), validate=True).decode("latin-1").partition(":")[2]
            except (binascii.Error, ValueError):
                return ""
        case _:
            return ""

"""Field types for addresses: what can be told to be wrong before anybody is called. No error shows a password."""

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import AfterValidator, SecretStr

# Without user and password: whatever is printed has these taken out, and an example would be spoiled.
_PORTS = range(65_536)
_HOST = re.compile(r"[A-Za-z0-9._~%-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_PAIR = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

_AS_HTTP = "write it as http://host:9090"
_AS_WEBHOOK = "write it as https://HOST/PATH"
_AS_REDIS = "write redis://HOST:6379/0"
_ESCAPED_SIGNS = "in them write %2F for /, %40 for @, %3F for ?, %3A for : and %25 for %"
_AS_DSN = "write postgresql://HOST:5432/DATABASE?user=NAME"
_AS_JOURNAL = "write sqlite:///FILE or postgresql+psycopg://HOST/DATABASE"
_AS_LISTEN = 'write it as "127.0.0.1:9595"'
_AS_NETWORK = 'write it as "10.0.0.5" or "10.0.0.0/24"'
_REDIS_OPTIONS = re.compile(r"db|protocol|username|password|client_name|health_check_interval|max_connections|ssl_\w+")


def _http(text: str) -> str:
    parts = _split(text, ("http", "https"), _AS_HTTP)
    if parts.query or parts.fragment:
        raise ValueError(
            f"an address with ? or # has no place for a query; {_AS_HTTP}, with a path before it if need be"
        )
    return text


def _webhook(text: str) -> str:
    """An address that itself lets its holder in: a query is usual, and a name and password are not."""
    parts = _split(text, ("http", "https"), _AS_WEBHOOK)
    if parts.username is not None or parts.fragment:
        raise ValueError(f"neither a user nor a # belongs into it; {_AS_WEBHOOK}")
    return text


def _redis(text: str) -> str:
    if text.startswith("unix://"):
        _one_line(text, _AS_REDIS)
        if not urlsplit(text).path:
            raise ValueError("a unix:// address needs the path of the socket; write unix:///run/redis.sock")
        return text
    parts = _split(text, ("redis", "rediss"), _AS_REDIS)
    database = parts.path.strip("/")
    if database and not database.isdecimal():
        raise ValueError(f"the database after the last / is not a number; {_AS_REDIS}")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if not _REDIS_OPTIONS.fullmatch(name):
            raise ValueError(
                f"no parameter {name[:40]!r} is known after the ?; ssl_ca_certs and the like are; {_AS_REDIS}"
            )
    return text


def _dsn(text: str) -> str:
    """Whatever more libpq makes of it is told by the one who connects."""
    _one_line(text, _AS_DSN)
    found = _SCHEME.match(text)
    if found is not None and found[1].partition("+")[0] not in ("postgresql", "postgres"):  # SQLAlchemy's +driver goes
        raise ValueError(f"the scheme {found[1]!r} is none of libpq's; {_AS_DSN}")
    if found is None and "=" not in text:
        raise ValueError(f"neither an address nor name=value pairs; {_AS_DSN}")
    ports = _ports_of_pairs(text) if found is None else _ports_of_address(text[found.end() :])
    if not all(port.isdecimal() and int(port) in _PORTS for port in ports if port):
        raise ValueError(f"a port is no number up to 65535; {_AS_DSN}")
    return text


def _ports_of_pairs(text: str) -> list[str]:
    """Of "host=a,b port=5432,5433": values may stand in quotes, and hold anything there."""
    pairs: dict[str, str] = dict(_PAIR.findall(text))
    return pairs.get("port", "").strip("'").split(",")


def _ports_of_address(text: str) -> list[str]:
    """Of "user:password@a:5432,b:5433/database?...". Raises ValueError where the signs of a password end it early."""
    place, _, query = text.partition("?")
    authority, _, rest = place.partition("/")
    if "@" in rest or "@" in query.partition("&")[0].partition("=")[0]:
        raise ValueError(f"user or password hold a sign that ends them early; {_ESCAPED_SIGNS}")
    if _NO_ESCAPE.search(place):
        raise ValueError(f"a % begins none of %00 to %FF; {_ESCAPED_SIGNS}")
    hosts = authority.rpartition("@")[2].split(",")
    return [host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else "" for host in hosts]


def _journal(text: str) -> str:
    _one_line(text, _AS_JOURNAL)
    found = _SCHEME.match(text)
    scheme = found[1] if found is not None else ""
    if scheme in ("sqlite", "sqlite+pysqlite"):
        file = text.partition("://")[2].partition("?")[0]
        if not file.startswith("/"):
            raise ValueError(
                "two slashes are followed by a host, which a file has not; write sqlite:///FILE, with three"
            )
        if file in ("/", "/:memory:"):
            raise ValueError("a journal in memory would be lost; write sqlite:///FILE")
        return text
    _split(text, ("postgresql", "postgres", "postgresql+psycopg"), _AS_JOURNAL, needs_host=False)
    return text


def host_and_port(text: str) -> tuple[str, int]:
    """The address and the port (0: any free one) of "127.0.0.1:9595" or "[::1]:9595". Raises ValueError."""
    _one_line(text, _AS_LISTEN)
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or "://" in text or not (port.isascii() and port.isdecimal()):
        raise ValueError(f"{text!r} is not host:port; {_AS_LISTEN}")
    if ":" in bare and bare == host:
        raise ValueError(f'{text!r} needs brackets around its IPv6 address; write it as "[::1]:9595"')
    if len(port) > 5 or int(port) not in _PORTS:
        raise ValueError(f"port {port[:10]} is not between 0 and 65535; {_AS_LISTEN}")
    if bare != "localhost":
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            raise ValueError(f"{bare!r} is not an IP address; {_AS_LISTEN}") from None
    return bare, int(port)


def is_loopback(listen_address: str) -> bool:
    """Whether only programs on this machine can reach it. Raises ValueError."""
    host, _ = host_and_port(listen_address)
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


def _listen(text: str) -> str:
    host_and_port(text)
    return text


def _network(text: str) -> str:
    _one_line(text, _AS_NETWORK)
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no address or network; {_AS_NETWORK}") from None
    if network.prefixlen == 0:
        raise ValueError(f"{text!r} is everybody; {_AS_NETWORK}")
    return text


def _one_line(text: str, fix: str) -> None:
    if not text.strip():
        raise ValueError(f"is empty; {fix}")
    if _UNPRINTABLE.search(text):
        raise ValueError(f"holds a line break or another control character; {fix}")
    if text != text.strip():
        raise ValueError(f"begins or ends with a space; {fix}")


def _split(text: str, schemes: tuple[str, ...], fix: str, *, needs_host: bool = True) -> SplitResult:
    """The parts of an address that begins with one of `schemes`. Raises ValueError that shows the scheme at most."""
    _one_line(text, fix)
    found = _SCHEME.match(text)
    if found is None:
        raise ValueError(f"does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}; {fix}")
    if found[1].lower() not in schemes:
        raise ValueError(f"the scheme {found[1]!r} is not {' or '.join(schemes)}; {fix}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:  # its text may hold a piece of the password
        raise ValueError(f"its host or port cannot be read; the port lies between 1 and 65535; {fix}") from None
    if port == 0:
        raise ValueError(f"port 0 cannot be called; {fix}")
    if needs_host and not host:
        raise ValueError(f"names no host; {fix}")
    if " " in text or (host and not _HOST.fullmatch(host)):
        raise ValueError(f"its host holds a character that no name has; {fix}")
    return parts


def _secret(check: Callable[[str], str]) -> Callable[[SecretStr], SecretStr]:
    def read(value: SecretStr) -> SecretStr:
        check(value.get_secret_value())
        return value

    return read


HttpAddress = Annotated[str, AfterValidator(_http)]
WebhookAddress = Annotated[SecretStr, AfterValidator(_secret(_webhook))]
RedisAddress = Annotated[SecretStr, AfterValidator(_secret(_redis))]
ConnectionString = Annotated[SecretStr, AfterValidator(_secret(_dsn))]
"""What libpq takes, as far as that can be told without libpq."""
JournalAddress = Annotated[SecretStr, AfterValidator(_secret(_journal))]
ListenAddress = Annotated[str, AfterValidator(_listen)]
NetworkAddress = Annotated[str, AfterValidator(_network)]
"""One IP address, or a network of them; never all there are."""

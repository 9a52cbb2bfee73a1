"""What a connection string says: as libpq reads it, and forms of other libraries understood or named.

`postgresql+psycopg://` loses its driver, `?schema=app` becomes a search path; `options`, a service file's and PGOPTIONS
are kept, as ours would otherwise replace them.
"""

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import psycopg
from pydantic import SecretStr

from advisor.model.errors import ConfigurationError

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.:-]*)://")
_DRIVER = re.compile(r"^(postgres(?:ql)?)\+\w+$")
_OPTION = re.compile(r"(?:-c\s*|--)([A-Za-z_][\w.-]*)=((?:\\.|\S)*)")
_ESCAPED = re.compile(r"([\\\s])")
_HOST = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*)(?::\d*)?")
_ESCAPE = "in them write %2F for /, %40 for @, %3F for ?, %3A for : and %25 for %"
_FIX = "write postgresql://USER:PASSWORD@HOST:5432/DATABASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresAddress:
    """parts: libpq's parameters, but for options. options: as the server would get them from the user alone."""

    parts: Mapping[str, str]
    options: str = ""

    @classmethod
    def of(cls, dsn: SecretStr, where: str) -> "PostgresAddress":
        """Raises ConfigurationError, which names the part that is wrong and holds no piece of a password."""
        text, schema = _libpqs(dsn.get_secret_value(), where)
        try:
            parts = {key: str(value) for key, value in psycopg.conninfo.conninfo_to_dict(text).items()}
        except psycopg.ProgrammingError:
            # `from None`: what could not be read may hold a piece of the password.
            raise ConfigurationError("not a connection string", where=where, fix=_FIX) from None
        service = _service(parts.get("service") or os.environ.get("PGSERVICE", ""))
        options = parts.pop("options", None) or service.get("options") or os.environ.get("PGOPTIONS", "")
        if schema:
            options = f"{options} -c search_path={escaped(schema)}".strip()
        return cls(parts=parts, options=options)

    def shown(self) -> str:
        """Host, port and database."""
        known = {**_service(self.parts.get("service", "")), **self.parts}
        return f"postgres {known.get('host', 'localhost')}:{known.get('port', 5432)}/{known.get('dbname', '')}"

    def settings(self) -> dict[str, str]:
        """What `options` set, by the server's names."""
        return {name.replace("-", "_"): re.sub(r"\\(.)", r"\1", value) for name, value in _OPTION.findall(self.options)}


def escaped(value: str) -> str:
    """As it may stand in `options`."""
    return _ESCAPED.sub(r"\\\1", value)


def _libpqs(text: str, where: str) -> tuple[str, str]:
    """The string as libpq takes it, and the schema that another library's string asks for."""
    found = _SCHEME.match(text.strip())
    if found is None:
        return text, ""
    text = text.strip()
    scheme = found[1]
    if driver := _DRIVER.match(scheme):
        text = driver[1] + text[len(scheme) :]
    elif scheme not in ("postgres", "postgresql"):
        raise ConfigurationError(f"the scheme {scheme}:// is not Postgres'", where=where, fix=_FIX)
    address, _, query = text.partition("?")
    if _is_cut_short(address.partition("://")[2]):
        raise ConfigurationError("user or password hold a sign that ends them early", where=where, fix=_ESCAPE)
    kept, schema = [], ""
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        if key == "schema":
            schema = unquote(value)
        elif key in _keywords() or pair == "ssl=true":
            kept.append(f"{key}={quote(unquote(value), safe='')}")
        else:
            what = f"the parameter {key!r} of the connection string is not libpq's"
            raise ConfigurationError(what, where=where, fix="leave it out" if key != "ssl" else "write sslmode=require")
    return address + ("?" + "&".join(kept) if kept else ""), schema


def _is_cut_short(address: str) -> bool:
    """Whether libpq would take a piece of the password for host, port or database: it is not to be shown as such."""
    authority, _, path = address.partition("/")
    if "@" in path or authority.count("@") > 1:
        return True
    return "@" not in authority and not all(_HOST.fullmatch(host) for host in authority.split(","))


def _keywords() -> frozenset[str]:
    return frozenset(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults())


def _service(name: str) -> dict[str, str]:
    """A service of libpq's file of services; nothing when it is not there, which libpq itself will tell."""
    places = [os.environ.get("PGSERVICEFILE") or str(Path.home() / ".pg_service.conf")]
    if folder := os.environ.get("PGSYSCONFDIR"):
        places.append(str(Path(folder) / "pg_service.conf"))
    for place in places if name else []:
        read = configparser.RawConfigParser(delimiters=("=",), strict=False, comment_prefixes=("#",))
        try:
            read.read(place, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if read.has_section(name):
            return dict(read.items(name))
    return {}

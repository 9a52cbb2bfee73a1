"""Keys and certificates of a cluster, by openssl: an authority for servers and clients, one for the front proxy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.servers.process import run_tool

_DAYS = "2"
_NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
_ANY_REQUEST = "[req]\ndistinguished_name=any\n[any]\n"
"""Nothing of the machine's own settings: what a certificate says is on the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """proxy: what the API server shows to the servers behind it, signed by `proxy_authority`."""

    authority: Paper
    server: Paper
    admin: Paper
    proxy_authority: Paper
    proxy: Paper
    accounts: Paper


def issue(openssl: Path, folder: Path) -> Papers:
    """For two days. Raises ServerUnavailableError with what openssl says."""
    (folder / "openssl.cnf").write_text(_ANY_REQUEST)
    office = _Office(openssl, folder)
    authority = office.authority("ca")
    proxy_authority = office.authority("front-proxy-ca")
    return Papers(
        authority=authority,
        server=office.signed("server", "/CN=127.0.0.1", authority, [_NAMES, "extendedKeyUsage=serverAuth"]),
        admin=office.signed("admin", "/O=system:masters/CN=admin", authority, ["extendedKeyUsage=clientAuth"]),
        proxy_authority=proxy_authority,
        proxy=office.signed("front-proxy", "/CN=front-proxy", proxy_authority, ["extendedKeyUsage=clientAuth"]),
        accounts=office.signed("accounts", "/CN=accounts", authority, []),
    )


@dataclass(frozen=True, slots=True)
class _Office:
    openssl: Path
    folder: Path

    def authority(self, name: str) -> Paper:
        says = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
        return self._made(name, f"/CN={name}", says, [])

    def signed(self, name: str, subject: str, by: Paper, says: Sequence[str]) -> Paper:
        signing = ["-CA", str(by.certificate), "-CAkey", str(by.key)]
        basic = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature"]
        return self._made(name, subject, [*basic, "authorityKeyIdentifier=keyid", *says], signing)

    def _made(self, name: str, subject: str, says: Sequence[str], signing: Sequence[str]) -> Paper:
        made = Paper(certificate=self.folder / f"{name}.crt", key=self.folder / f"{name}.key")
        command = [str(self.openssl), "req", "-x509", "-config", str(self.folder / "openssl.cnf"), "-days", _DAYS]
        command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj", subject, *signing]
        command += ["-keyout", str(made.key), "-out", str(made.certificate)]
        extensions = [word for text in ("subjectKeyIdentifier=hash", *says) for word in ("-addext", text)]
        run_tool([*command, *extensions], what="openssl")
        return made

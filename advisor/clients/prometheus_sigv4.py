"""Signs queries as Amazon Managed Service for Prometheus wants it (AWS Signature Version 4). Its library comes late."""

from typing import Any

from requests.auth import AuthBase

from advisor.model.errors import ConfigurationError
from advisor.settings.prometheus import SigV4

_SERVICE = "aps"
_WHERE = "prometheus.sigv4"


def signer(settings: SigV4) -> AuthBase:
    """Raises ConfigurationError where the library is missing, or no key is found."""
    try:
        from requests_aws4auth import AWS4Auth
    except ImportError as error:
        fix = "pip install 'tuning-advisor[aws]'"
        raise ConfigurationError("the package requests-aws4auth is missing", where=_WHERE, fix=fix) from error
    auth: AuthBase
    if settings.access_key is None or settings.secret_key is None:
        auth = AWS4Auth(region=settings.region, service=_SERVICE, refreshable_credentials=_credentials())
    else:
        keys = settings.access_key.get_secret_value(), settings.secret_key.get_secret_value()
        token = settings.session_token.get_secret_value() if settings.session_token is not None else None
        auth = AWS4Auth(*keys, settings.region, _SERVICE, session_token=token)
    return auth


def _credentials() -> Any:
    """As botocore finds them: environment, files, the role of a pod or machine. They renew themselves."""
    try:
        from botocore.session import Session
    except ImportError as error:
        fix = "set access_key and secret_key, or pip install botocore, which finds the account's own"
        raise ConfigurationError("no key is set", where=_WHERE, fix=fix) from error
    credentials = Session().get_credentials()
    if credentials is None:
        fix = "set access_key and secret_key, or give this account a role"
        raise ConfigurationError("botocore finds no key", where=_WHERE, fix=fix)
    return credentials

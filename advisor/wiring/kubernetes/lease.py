"""The lead by a Lease; only loaded where one is named."""

import secrets
from contextlib import ExitStack, closing

from advisor.clients.kubernetes import KubernetesApi
from advisor.journal.lease_lock import LeaseLock
from advisor.ports.clock import Clock
from advisor.settings.schema import Settings


def lease_lock(settings: Settings, name: str, holder: str, clock: Clock, stack: ExitStack) -> LeaseLock:
    """In the namespace of the account. A process that starts anew under the same name is another holder.

    Raises ConfigurationError.
    """
    api = stack.enter_context(closing(KubernetesApi(settings.kubernetes)))
    own = f"{holder}_{secrets.token_hex(4)}"
    return LeaseLock(api, (api.namespace, name), own, clock, settings.daemon.lease_seconds)

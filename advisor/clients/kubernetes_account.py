"""The account of a kubeconfig, or of the pod that this runs in."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.model.errors import ConfigurationError
from advisor.settings.kubernetes.reading import KubernetesSettings

_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_FIX = "`kubectl config get-contexts` shows what there is"


def load_account(settings: KubernetesSettings, configuration: Any) -> str:
    """Fill `configuration` in, and give the namespace that the account works in by default."""
    from kubernetes.config import ConfigException, list_kube_config_contexts, load_kube_config
    from kubernetes.config.incluster_config import InClusterConfigLoader

    in_pod = settings.kubeconfig is None and settings.context is None and (_POD / "token").is_file()
    try:
        if in_pod:
            loader = InClusterConfigLoader(str(_POD / "token"), str(_POD / "ca.crt"), try_refresh_token=False)
            loader.load_and_set(configuration)
            configuration.refresh_api_key_hook = _read_anew(_POD / "token")
            return (_POD / "namespace").read_text(encoding="utf-8").strip() or "default"
        load_kube_config(settings.kubeconfig, settings.context, configuration, persist_config=False)
        contexts, current = list_kube_config_contexts(settings.kubeconfig)
    except ConfigException as error:
        where = "kubernetes.context" if settings.context else "kubernetes.kubeconfig"
        raise ConfigurationError(str(error).rstrip("."), where=where, fix=_FIX) from error
    except Exception as error:  # of a YAML reader, of files and of log-in plugins: whatever a kubeconfig leads to
        what = f"the kubeconfig cannot be used: {type(error).__name__}"
        raise ConfigurationError(what, where="kubernetes.kubeconfig", fix=_FIX) from error
    chosen = next((one for one in contexts if one.get("name") == settings.context), current)
    return str(chosen.get("context", {}).get("namespace") or "default")


def _read_anew(token: Path) -> Callable[[Any], None]:
    """Before every request: a token that was replaced counts at once, and not after the library's minute.

    While the file is away or empty the last one counts.
    """

    def read(configuration: Any) -> None:
        with suppress(OSError):
            if text := token.read_text(encoding="utf-8").strip():
                configuration.api_key["BearerToken"] = f"Bearer {text}"

    return read

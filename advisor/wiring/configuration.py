"""What is wrong with a configuration beyond the settings themselves: the files and rules that it names."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from advisor.model.errors import ConfigurationError
from advisor.settings.contradictions import Fault
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.schema import Settings

_OF_SERVERS = {"kubernetes.kubeconfig": "--kubeconfig", "kubernetes.context": "--context"}
_OF_CLUSTERS = {"kubernetes.namespaces": "-n or -A", "kubernetes.selector": "--selector"}
_SHIPPED = frozenset(PrometheusSettings().presets)


def files_and_rules(settings: Settings) -> Iterator[Fault]:
    """Every one. Whatever is at its default is not looked at: it is right, and loading it takes time."""
    yield from _certificates(settings.prometheus.ca_file)
    yield from _presets(settings)
    yield from _rules(settings)


def options_without_cluster(flags: Mapping[str, object], settings: Settings) -> Iterator[Fault]:
    """Options of the command line about a cluster where none is read: they would be passed over in silence.

    flags: as they were given, by the settings' dotted names; None where not given.
    """
    kubernetes = settings.kubernetes
    if not kubernetes.reads_api:
        for name, option in _OF_SERVERS.items():
            if flags.get(name) is not None:
                what = f"{option} says nothing while kubernetes.enabled is false"
                yield Fault(path=tuple(name.split(".")), what=what, fix=f"leave {option} out, or enable it")
    recorded = settings.prometheus.url is not None and kubernetes.usage.enabled is True
    if kubernetes.reads_objects or recorded:
        return
    for name, option in _OF_CLUSTERS.items():
        if flags.get(name) is not None:
            what = f"{option} says nothing: no cluster is configured"
            yield Fault(path=tuple(name.split(".")), what=what, fix="give --context, --kubeconfig or --manifests")


def _certificates(ca_file: str | None) -> Iterator[Fault]:
    if ca_file is None or Path(ca_file).is_dir():  # a folder of certificates does as well
        return
    path = ("prometheus", "ca_file")
    fix = "name a PEM file of certificates; a path in a file is relative to that file"
    try:
        ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        yield Fault(path=path, what=f"prometheus.ca_file: {ca_file} holds no certificates", fix=fix)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield Fault(path=path, what=f"prometheus.ca_file: {ca_file} cannot be read: {reason}", fix=fix)


def _presets(settings: Settings) -> Iterator[Fault]:
    for index, name in enumerate(settings.prometheus.presets):
        if name in _SHIPPED:
            continue
        from advisor.sources.prometheus.catalogue import load_preset

        here = ("prometheus", "presets", index)
        try:
            load_preset(name)
        except ConfigurationError as error:
            is_named_here = error.where == "prometheus.presets"
            what = f"{'.'.join(map(str, here))}: {error.what}" if is_named_here else error.what
            yield Fault(path=here, what=what, fix=error.fix, where="" if is_named_here else error.where)


def _rules(settings: Settings) -> Iterator[Fault]:
    if not settings.disabled_rules:
        return
    from advisor.wiring.rules.book import unknown_rules

    for index, what, fix in unknown_rules(settings.disabled_rules, settings):
        here = ("disabled_rules", index)
        yield Fault(path=here, what=f"{'.'.join(map(str, here))}: {what}", fix=fix)

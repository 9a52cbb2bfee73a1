"""The flags that commands share, by group. A command names the groups it takes; `with_flags` spreads them out."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, get_type_hints

import typer

from advisor.cli.completion import rule_ids
from advisor.model.errors import ConfigurationError
from advisor.surfaces.choices import LogFormat, LogLevel, OutputFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralFlags:
    """Where the settings are, and how much is said on stderr. None: not given."""

    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="Settings file (else $ADVISOR_CONFIG, else config/advisor.yaml).", metavar="FILE"
        ),
    ] = None
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Form of log lines on stderr.", show_default=False)
    ] = None
    log_level: Annotated[
        LogLevel | None, typer.Option("--log-level", help="Least level that is logged.", show_default=False)
    ] = None
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Errors only on stderr.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFlags:
    """What is observed; each one over the settings file and the environment."""

    prometheus_url: Annotated[
        str | None, typer.Option("-p", "--prometheus-url", help="Address of the Prometheus.", metavar="URL")
    ] = None
    postgres_dsn: Annotated[
        str | None, typer.Option("--postgres-dsn", help="Connection string of the Postgres reader.", metavar="DSN")
    ] = None
    redis_url: Annotated[
        str | None, typer.Option("--redis-url", help="Address of the Redis-compatible server.", metavar="URL")
    ] = None

    kubeconfig: Annotated[
        str | None, typer.Option("--kubeconfig", help="Kubeconfig of the cluster to read.", metavar="FILE")
    ] = None
    context: Annotated[str | None, typer.Option("--context", help="Context of the kubeconfig.", metavar="NAME")] = None
    namespace: Annotated[
        list[str] | None,
        typer.Option("-n", "--namespace", help="Read this namespace only; may be repeated.", metavar="NAME"),
    ] = None
    all_namespaces: Annotated[
        bool, typer.Option("-A", "--all-namespaces", help="Read all namespaces, whatever the settings name.")
    ] = False
    selector: Annotated[
        str | None,
        typer.Option("-l", "--selector", help='Report workloads with these labels only: "app=web,env in (a,b)".'),
    ] = None
    manifests: Annotated[
        str | None, typer.Option("--manifests", help="Read the YAML in this folder, or one file.", metavar="DIR")
    ] = None

    def settings(self) -> dict[str, object]:
        """By the settings' dotted names, for `load_settings`. Raises ConfigurationError."""
        if self.namespace and self.all_namespaces:
            raise ConfigurationError("all namespaces and some", where="-A", fix="leave -A or -n out")
        return {
            "prometheus.url": self.prometheus_url,
            "postgres.dsn": self.postgres_dsn,
            "redis.url": self.redis_url,
            "kubernetes.kubeconfig": self.kubeconfig,
            "kubernetes.context": self.context,
            "kubernetes.namespaces": [] if self.all_namespaces else self.namespace or None,
            "kubernetes.selector": self.selector,
            "kubernetes.manifests": self.manifests,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFlags:
    """Which rules are run; none named: all that are not disabled."""

    rule: Annotated[
        list[str] | None,
        typer.Option(
            "-r", "--rule", help="Run this rule only; may be repeated.", metavar="ID", autocompletion=rule_ids
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFlags:
    """How and where data is written."""

    output: Annotated[OutputFormat, typer.Option("-o", "--output", help="Form of the data.")] = OutputFormat.TABLE
    out_file: Annotated[
        Path | None, typer.Option("--out-file", help="Write the data here, not to stdout.", metavar="FILE")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFlags(OutputFlags):
    """As `OutputFlags`, for what is made to be a file of another program."""

    output: Annotated[OutputFormat, typer.Option("-o", "--output", help="Form of the data.")] = OutputFormat.YAML


def with_flags(command: Callable[..., int]) -> Callable[..., int]:
    """`command` with each parameter that is a group of flags spread out into the options of that group.

    Typer reads a function's signature; the spread one is what it sees, and the groups are put together again
    before `command` itself is called.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hints[name] for name in inspect.signature(command).parameters if is_dataclass(hints[name])}
    options: dict[str, inspect.Parameter] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in groups:
            options[name] = parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
    for group in groups.values():
        options.update(_options_of(group))

    @functools.wraps(command)
    def spread(**given: object) -> int:
        gathered = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        return command(**given, **gathered)

    spread.__annotations__ = {name: option.annotation for name, option in options.items()}
    spread.__dict__["__signature__"] = inspect.Signature(list(options.values()))
    return spread


def _options_of(group: type) -> dict[str, inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return {
        field.name: inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(group)
    }

"""Groups of flags, spread out for the parser and gathered for the command; and what the end of a command means."""

import inspect
from typing import Annotated

import pytest
import typer

from advisor.cli.exit_code import ExitCode, of_observation
from advisor.cli.flags import ConnectionFlags, OutputFlags, with_flags
from advisor.model.finding import Severity
from advisor.surfaces.choices import FailOnSeverity, OutputFormat


def test_a_command_gets_its_groups_and_the_parser_sees_single_options() -> None:
    seen: list[object] = []

    @with_flags
    def command(connections: ConnectionFlags, output: OutputFlags, name: Annotated[str, typer.Argument()]) -> int:
        seen.extend([connections, output, name])
        return 0

    assert list(inspect.signature(command).parameters) == [
        *("name", "prometheus_url", "postgres_dsn", "redis_url"),
        *("kubeconfig", "context", "namespace", "all_namespaces", "selector", "manifests"),
        *("output", "out_file"),
    ]
    app = typer.Typer()
    app.command()(command)
    assert app(args=["-p", "http://p", "-o", "json", "x"], standalone_mode=False) == 0
    assert seen == [ConnectionFlags(prometheus_url="http://p"), OutputFlags(output=OutputFormat.JSON), "x"]


def test_connection_flags_that_were_not_given_leave_the_settings_as_they_are() -> None:
    assert ConnectionFlags(redis_url="redis://h").settings() == {
        "prometheus.url": None,
        "postgres.dsn": None,
        "redis.url": "redis://h",
        "kubernetes.kubeconfig": None,
        "kubernetes.context": None,
        "kubernetes.namespaces": None,
        "kubernetes.selector": None,
        "kubernetes.manifests": None,
    }


def test_all_namespaces_take_the_place_of_those_that_the_settings_name() -> None:
    assert ConnectionFlags(all_namespaces=True).settings()["kubernetes.namespaces"] == []
    assert ConnectionFlags(namespace=["shop", "back"]).settings()["kubernetes.namespaces"] == ["shop", "back"]


@pytest.mark.parametrize(
    ("worst", "fail_on", "code"),
    [
        (Severity.CRITICAL, None, ExitCode.DONE),
        (Severity.INFO, FailOnSeverity.WARNING, ExitCode.DONE),
        (Severity.WARNING, FailOnSeverity.WARNING, ExitCode.FINDINGS),
        (Severity.CRITICAL, FailOnSeverity.INFO, ExitCode.FINDINGS),
        (None, FailOnSeverity.INFO, ExitCode.DONE),
    ],
)
def test_findings_fail_only_at_or_above_what_was_asked(
    worst: Severity | None, fail_on: FailOnSeverity | None, code: ExitCode
) -> None:
    assert of_observation(reached=True, worst=worst, fail_on=fail_on) is code


def test_unreachable_sources_outweigh_everything_else() -> None:
    assert of_observation(reached=False, worst=Severity.CRITICAL, fail_on=FailOnSeverity.INFO) is ExitCode.NO_SOURCE


def test_every_severity_may_be_asked_for() -> None:
    assert [one.value for one in FailOnSeverity] == [one.value for one in Severity]

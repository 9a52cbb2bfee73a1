"""`advisor check` counts the processes that read their board one by one, and says what it counted."""

from collections.abc import Sequence

import pytest

from advisor.model.check import CheckStatus
from advisor.sources.prometheus.check import check_agents
from advisor.testing.clock import FakeClock
from tests.integration.sources.scripted import Reply, scripted, settings_for, success

Row = tuple[str, float]
"""The process as pid, "" where a process has its address alone; and what it shows."""


def rows(shown: Sequence[Row], **labels: str) -> Reply:
    def metric(pid: str) -> dict[str, str]:
        return {"app": "two", "instance": "web:80", **labels, **({"pid": pid} if pid else {})}

    return success("matrix", [{"metric": metric(pid), "values": [[0, str(value)]]} for pid, value in shown])


def told(ages: Sequence[Row], names: Sequence[Row], knobs: Sequence[Row] = ()) -> tuple[CheckStatus, str]:
    with scripted() as server:
        server.replies.extend([rows(ages), rows(names, name="web"), rows(knobs, knob="db.pool_size")])
        [line] = check_agents("two", settings_for(server, stale_after_seconds="60s"), FakeClock())
    return line.status, line.detail


def test_only_processes_of_the_configured_cluster_are_asked_for() -> None:
    """`prometheus.matchers` go into every selector: an application of the same name runs in another cluster, too."""
    with scripted() as server:
        server.replies.append(rows(()))
        check_agents("two", settings_for(server, matchers={"cluster": "eu", "app": "mine"}), FakeClock())
        asked = [form["query"].partition("[")[0] for form in server.forms]
    assert asked == [
        'advisor_agent_board_age_seconds{app="two",cluster="eu"}',
        'advisor_agent_info{app="two",cluster="eu"}',
        'advisor_agent_knob_value{app="two",cluster="eu"}',
    ]


THREE = (("1", 1.0), ("2", 1.0), ("3", 1.0))


@pytest.mark.parametrize(
    ("ages", "names", "status", "detail"),
    [
        ((("1", 0.1), ("2", 0.2)), THREE[:2], CheckStatus.OK, "processes that read their board: 2"),
        ((("", 0.1),), (("", 1.0),), CheckStatus.OK, "processes that read their board: 1"),
        (
            (("1", 0.1), ("2", 0.2)),
            THREE,
            CheckStatus.WARNING,
            "2 of 3 processes show how old their board is, not web:80/3",
        ),
        (
            (("1", 0.1), ("2", 90), ("3", 0.2)),
            THREE,
            CheckStatus.WARNING,
            "1 of 3 processes do not reach their board: web:80/2",
        ),
        (
            (),
            THREE,
            CheckStatus.WARNING,
            "no process shows advisor_agent_board_age_seconds with app='two'; 3 show themselves",
        ),
        ((), (), CheckStatus.WARNING, "no process shows advisor_agent_board_age_seconds with app='two'"),
        # A process that was forked shows the name of its parent at 0.
        ((("1", 0.1),), (("1", 1.0), ("2", 0.0)), CheckStatus.OK, "processes that read their board: 1"),
    ],
    ids=["two workers", "one process", "one without a board", "one that is cut off", "no board", "nobody", "forked"],
)
def test_each_process_is_counted(ages: Sequence[Row], names: Sequence[Row], status: CheckStatus, detail: str) -> None:
    assert told(ages, names) == (status, detail)


def test_the_one_age_of_former_agents_stands_for_all_workers_of_an_address() -> None:
    """They show the greatest age of all, without a pid."""
    assert told((("", 0.4),), THREE[:2], THREE[:2]) == (CheckStatus.OK, "processes that read their board: 2")
    assert told((("", 99),), THREE[:2]) == (CheckStatus.WARNING, "2 of 2 processes do not reach their board: web:80/1")


def test_agents_that_show_no_name_are_counted_by_their_knobs() -> None:
    assert told((("1", 0.4), ("2", 0.4)), (), THREE[:2]) == (CheckStatus.OK, "processes that read their board: 2")

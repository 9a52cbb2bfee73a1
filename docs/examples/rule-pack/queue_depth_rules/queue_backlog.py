"""A queue holds more jobs than its workers get through in good time.

At the pace of the window, the jobs that wait now take `waiting / done_per_second` seconds. When that is more than
`rule_settings.queue_depth.longest_backlog_seconds`, more workers are proposed, in proportion and at most doubled.
"""

import math
from collections.abc import Iterator, Sequence

from pydantic import Field

from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.settings.fields.duration import Seconds
from advisor.settings.rule_packs import PackSettings

KNOB = "queue.workers"

_ID = "queue-backlog"
_GUIDE = "Queues of jobs"
_LARGEST_STEP = 2


class QueueDepthSettings(PackSettings):
    """`rule_settings.queue_depth`."""

    longest_backlog_seconds: Seconds = Field(
        30.0, description="time to work off what waits in a queue, above which its workers are too few"
    )


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return tuple(_findings(snapshot, context.settings_of(QueueDepthSettings).longest_backlog_seconds))


def _findings(snapshot: Snapshot, longest_seconds: float) -> Iterator[Finding]:
    for app in snapshot.label_values("queue.waiting", "app"):
        waiting, pace = (snapshot.value(name, app=app) for name in ("queue.waiting", "queue.done_per_second"))
        if waiting is None or not pace or waiting / pace <= longest_seconds:
            continue  # where no job is done there is no pace to judge by
        backlog = Evidence(signal="queue.backlog", value=waiting / pace, unit="s", threshold=longest_seconds)
        yield Finding(
            rule=_ID,
            key=app,
            severity=Severity.WARNING,
            subject=Subject(kind="queue", name=app),
            summary=f"{waiting:g} jobs wait, which is work for {waiting / pace:.0f} s",
            cause="the workers are too few for the jobs that come in",
            guide=_GUIDE,
            evidence=(backlog,),
            waste_seconds_per_second=waiting,  # by Little's law: each job that waits costs a second per second
        )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """Workers in proportion to the backlog; none where nobody shows how many there are."""
    app = finding.key
    workers, waiting, pace = (
        snapshot.value(name, app=app) for name in ("queue.workers", "queue.waiting", "queue.done_per_second")
    )
    if not workers or waiting is None or not pace:
        return ()
    wanted_waiting = context.settings_of(QueueDepthSettings).longest_backlog_seconds * pace
    more = math.ceil(workers * min(_LARGEST_STEP, waiting / wanted_waiting))
    return (
        Proposal(
            finding=finding.id,
            rule=_ID,
            target=knob_target(KNOB, app=app),
            current=int(workers),
            proposed=more,
            unit="workers",
            rationale=f"{workers:g} workers need {waiting / pace:.0f} s for what waits",
            risk=Risk.MEDIUM,
            prediction=Prediction(
                signal=signal("queue.waiting", app=app),
                unit="jobs",
                low=0.0,
                expected=waiting * workers / more,
                high=waiting,
                model="in proportion",
            ),
            goal=Goal(signal=signal("queue.waiting", app=app), better=Better.LOWER, minimum_gain_ratio=0.1),
            gain_seconds_per_second=waiting - waiting * workers / more,
            app=app,
            apply=f"set {KNOB} of {app} to {more}",
            undo=f"set {KNOB} of {app} to {workers:g}",
            evidence=finding.evidence,
        ),
    )


QUEUE_BACKLOG = Rule(
    id=_ID,
    title="Jobs wait too long in a queue",
    guide=_GUIDE,
    needs=needs("queue.waiting", "queue.done_per_second"),
    diagnose=_diagnose,
    propose=_propose,
)

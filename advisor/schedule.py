"""Runs jobs by the clock, one instance of each, and counts what was left out or failed."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from advisor.settings.fields.time_of_day import TimeOfDay
from advisor.surfaces.metrics import AdvisorMetrics

log = structlog.get_logger()

_JITTER_RATIO = 0.05
_DAILY_GRACE_SECONDS = 3600


class Schedule:
    """APScheduler with its jobs in memory: the journal is what is durable, a schedule begins anew with the process."""

    def __init__(self, metrics: AdvisorMetrics) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it tells of every run otherwise
        self._metrics = metrics
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_listener(self._left_out, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)

    def every(self, seconds: float, job: Callable[[], None], *, name: str, first_at: datetime) -> None:
        """Run `job` every `seconds`, give or take a twentieth, so that replicas do not march in step.

        What is due while it still runs is left out; what is late by no more than `seconds` is made up for, once.
        """
        self._scheduler.add_job(
            job,
            "interval",
            id=name,
            seconds=seconds,
            jitter=seconds * _JITTER_RATIO,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(1, round(seconds)),
            next_run_time=first_at,
        )

    def daily(self, at: TimeOfDay, job: Callable[[], None], *, name: str, now: datetime) -> datetime:
        """Run `job` once a day by the clock on the wall; the first time after `now`, which is returned, in UTC.

        What is late by no more than an hour is made up for.
        """
        trigger = CronTrigger(hour=at.hour, minute=at.minute, timezone=at.zone)
        self._scheduler.add_job(
            job, trigger, id=name, coalesce=True, max_instances=1, misfire_grace_time=_DAILY_GRACE_SECONDS
        )
        first: datetime = trigger.get_next_fire_time(None, now)
        return first.astimezone(UTC)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more; what runs goes on."""
        self._scheduler.shutdown(wait=False)

    def _left_out(self, event: JobEvent) -> None:
        log.debug("schedule_missed", job=event.job_id)
        self._metrics.schedule_missed(event.job_id)

    def _failed(self, event: JobExecutionEvent) -> None:
        log.error("job_failed", job=event.job_id, error=type(event.exception).__name__)
        self._metrics.schedule_failed(event.job_id)

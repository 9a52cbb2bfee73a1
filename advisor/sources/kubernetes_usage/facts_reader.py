"""What is asked once for all containers, beside their usage."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import Runtime
from advisor.sources.kubernetes_usage.answers.asking import Budget, Rows, Series, Span
from advisor.sources.kubernetes_usage.answers.names import place_of
from advisor.sources.kubernetes_usage.facts import Facts, Pod, amounts_of, resource_of
from advisor.sources.kubernetes_usage.queries import Queries, only_names_of
from advisor.sources.prometheus.catalogue import escaped

_LONGEST_MATCHER = 4_000
"""Characters: VictoriaMetrics takes no query of over 16,384 bytes, and a matcher stands up to three times in one."""


@dataclass(slots=True)
class FactsReader:
    """Asks one thing after the other. state: of the API, whose word on owners and pods wins; None where there is none.

    What cannot be had is left out, and said among the problems.
    """

    budget: Budget
    now: datetime
    state: ClusterState | None
    facts: Facts = field(default_factory=Facts)

    @property
    def nodes(self) -> int:
        """0 where nobody told, or they are not read yet."""
        return len(self.state.nodes) if self.state is not None and self.state.nodes else self.facts.nodes

    def read_present(self, queries: Queries) -> None:
        """What is asked of the present alone, and needs to know of nothing else."""
        facts = self.facts
        if not tells_pods(self.state):
            self._ask(queries, "finished", lambda rows: facts.finished.update(map(_pod, rows)))
        self._ask(queries, "windows", lambda rows: facts.windows.update(map(_pod, rows)))
        self._ask(queries, "restarts", lambda rows: _take_restarts(rows, facts))
        self._ask(queries, "crash_loops", lambda rows: facts.crash_loops.update(place_of(labels) for labels, _ in rows))
        self._ask(queries, "runtimes", lambda rows: _take_runtimes(rows, facts))
        self._ask(queries, "nodes", lambda rows: _take_nodes(rows, facts))

    def read_owners(self, queries: Queries, span_seconds: float) -> None:
        """Of pods that were there in this time; and who runs now, where the API does not tell. Where it does, the past
        is asked when a pod comes that it does not have.
        """
        facts, owners = self.facts, self.facts.owners
        if self.state is not None:
            owners.add_cluster(self.state)
        if tells_pods(self.state):
            owners.add_past = partial(self._read_owners, queries, span_seconds, "past_")
            return
        self._ask(queries, "running", lambda rows: facts.running.update(place_of(labels) for labels, _ in rows))
        self._read_owners(queries, span_seconds)

    def _read_owners(self, queries: Queries, span_seconds: float, when: str = "") -> None:
        owners = self.facts.owners
        self._ask(queries, f"{when}pod_owners", owners.add_pods, span_seconds)
        self._ask(queries, f"{when}replicaset_owners", owners.add_replicasets, span_seconds)
        self._ask(queries, f"{when}job_owners", owners.add_jobs, span_seconds)

    def read_kills(self, queries: Queries, span: Span, most_points: int) -> list[Series]:
        """Restarts of what was OOM-killed, within this time; of very many pods at fewer moments, as restarts add up.

        Raises BadDataError where no part of it can be had.
        """
        if not span.steps:
            return []
        seconds = span.seconds + span.step_seconds
        try:
            killed = self.budget.instant("kills", queries.text("kills", seconds), self.now)
        except BadDataError:
            return list(self.budget.range("oom", queries.text("oom"), span))
        if not killed:
            return []
        steps = math.ceil(len(killed) * span.steps / most_points)
        span = replace(span, step_seconds=steps * span.step_seconds)
        return list(self.budget.range("oom", replace(queries, killed=_named(killed)).text("oom"), span))

    def read_job_throttling(self, queries: Queries, hours: Span) -> list[Series]:
        """Shares over the hours of what the counters at their ends do not tell: most pods of jobs have gone by then.

        Where jobs are too many to be named, or the answer is refused, those counters suffice.
        """
        jobs = sorted(self.facts.owners.jobs)
        only = only_names_of(jobs)
        self.facts.jobs_apart = len(only) <= _LONGEST_MATCHER
        if not jobs or not hours.steps or not self.facts.jobs_apart:
            return []
        text = replace(queries, only=(only,)).text("throttled_jobs")
        try:
            return list(self.budget.range("throttled_jobs", text, hours))
        except BadDataError as error:
            self.facts.jobs_apart = False
            self.facts.problems.append(f"throttled_jobs: {error.what}")
            return []

    def _ask(self, queries: Queries, name: str, take: Callable[[Rows], None], span_seconds: float = 0.0) -> None:
        try:
            take(self.budget.instant(name, queries.text(name, span_seconds), self.now))
        except BadDataError as error:
            self.facts.problems.append(f"{name}: {error.what}")


def _named(rows: Rows) -> tuple[str, ...]:
    """A matcher that leaves out as many other pods as can be; none where even their namespaces are too many, or where
    they are labelled in two ways.
    """
    before = "exported_" if rows[0][0].get("exported_pod") else ""
    if any(bool(labels.get("exported_pod")) != bool(before) for labels, _ in rows):
        return ()
    for label in (f"{before}pod", f"{before}namespace"):
        names = sorted({labels.get(label, "") for labels, _ in rows})
        matcher = f"{label}=~{escaped('|'.join(map(re.escape, names)))}"
        if len(matcher) <= _LONGEST_MATCHER:
            return (matcher,)
    return ()


def most_queries(state: ClusterState | None) -> int:
    """That a reader sends."""
    return 11 if tells_pods(state) else 13


def tells_pods(state: ClusterState | None) -> bool:
    """Whether the API said which pods there are."""
    return state is not None and state.is_live and any(workload.pods for workload in state.workloads)


def _pod(row: tuple[Mapping[str, str], float]) -> Pod:
    place = place_of(row[0])
    return (place.namespace, place.pod)


def _take_restarts(rows: Rows, facts: Facts) -> None:
    facts.tells_restarts = bool(rows)
    facts.restarts.update((place_of(labels), value) for labels, value in rows if labels)


def _take_runtimes(rows: Rows, facts: Facts) -> None:
    for labels, value in rows:
        facts.runtimes.setdefault(_pod((labels, value)), set()).add(Runtime(labels["runtime"]))


def _take_nodes(rows: Rows, facts: Facts) -> None:
    found: dict[ResourceName, float] = {}
    for labels, value in rows:
        if labels.get("told") == "nodes":
            facts.nodes = max(facts.nodes, int(value))
        elif (name := resource_of(labels)) is not None:
            found[name] = max(found.get(name, 0.0), value)
    facts.largest_node = amounts_of(found)

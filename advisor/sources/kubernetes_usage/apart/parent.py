"""Begins the process of each look, keeps what it must know for the next one, and its notes in the journal."""

import pickle
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime

from advisor.model.errors import AdvisorError, JournalError, SourceUnavailableError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.ports.notebook import Notebook
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.answers.names import SURFACE
from advisor.sources.kubernetes_usage.apart.job import Answer, Fault, Job
from advisor.sources.kubernetes_usage.reader import Seen

_COMMAND = (sys.executable, "-P", "-m", "advisor.sources.kubernetes_usage.apart.child")
"""-P: a file of the folder that the daemon runs in is no module."""
_WHERE = "kubernetes.usage"
_START_SECONDS = 30.0


@dataclass(slots=True)
class LooksApart:
    """A Look. prometheus: with the patience of usage. notebook: where days are kept."""

    prometheus: PrometheusSettings
    settings: KubernetesSettings
    environment: str
    notebook: Notebook
    _memory: bytes | None = field(default=None, init=False)
    _unkept: str = field(default="", init=False)
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def __call__(self, now: datetime, state: ClusterState | None) -> Seen:
        """Raises BadDataError, SourceUnavailableError; also where the process ended without an answer."""
        seconds = self.settings.usage.deadline_seconds + _START_SECONDS
        job = Job(
            prometheus=self.prometheus,
            kubernetes=self.settings,
            environment=self.environment,
            now=now,
            state=state,
            memory=self._memory,
            notes=self._notes() if self._memory is None else {},
            seconds=seconds,
        )
        self._memory = None  # what ended a process without an answer may be in there: then the open day is read anew
        answer = self._answer(job)
        self._memory = answer.memory
        self._keep(answer)
        if isinstance(answer.seen, Fault):
            raise answer.seen.error()
        usage, recorded = answer.seen
        return replace(usage, notes=(*usage.notes, *filter(None, [self._unkept]))), recorded

    def close(self) -> None:
        """Ends a look that is under way."""
        if (process := self._process) is not None:
            process.kill()

    def _notes(self) -> dict[str, str]:
        """A journal that cannot be read or written costs a second reading, and no usage."""
        try:
            return dict(self.notebook.entries(SURFACE, f"{self.environment}:"))
        except JournalError as error:
            self._unkept = f"days of usage are not kept: {error}"
            return {}

    def _keep(self, answer: Answer) -> None:
        try:
            for key, text in answer.notes:
                if text is None:
                    self.notebook.drop(SURFACE, key)
                else:
                    self.notebook.write(SURFACE, key, text)
        except JournalError as error:
            self._unkept = f"days of usage are not kept: {error}"

    def _answer(self, job: Job) -> Answer:
        """Raises SourceUnavailableError where there is none."""
        pipe = subprocess.PIPE
        # In a session of its own: a terminal's ^C is for the daemon, which ends in its own time.
        with subprocess.Popen(_COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as process:
            self._process = process
            try:
                out, err = process.communicate(pickle.dumps(job), timeout=job.seconds)
            except subprocess.TimeoutExpired as error:
                raise _no_answer(f"no usage within {job.seconds:g} s") from error
            finally:
                process.kill()  # nothing where it has ended
                self._process = None
        if process.returncode != 0:
            raise _no_answer(f"the look at usage ended with {process.returncode}{_last_error(err)}")
        answer: Answer = pickle.loads(out)
        return answer


def _no_answer(what: str) -> AdvisorError:
    return SourceUnavailableError(what, where=_WHERE, fix="has it memory and time? see kubernetes.usage")


def _last_error(printed: bytes) -> str:
    """The name of the error alone: its text may tell a secret."""
    lines = printed.decode(errors="replace").strip().splitlines()
    return f": {lines[-1].partition(':')[0][:80]}" if lines else ""

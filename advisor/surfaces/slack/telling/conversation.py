"""What the advisor says in Slack while the daemon runs.

Told from the walk's thread, it only takes note; a thread of its own sends, as long as this process leads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from advisor.clients.slack import SlackCallError
from advisor.model.alert import AlertAnswer
from advisor.model.calendar import zone_named
from advisor.model.change import ChangeRecord
from advisor.model.errors import AdvisorError
from advisor.model.report import Diagnosis
from advisor.ports.clock import Clock
from advisor.settings.policy import Mode
from advisor.surfaces.rounds import Rounds
from advisor.surfaces.slack.sender import NotYetError
from advisor.surfaces.slack.telling.answers import answer_message, answer_name, is_told
from advisor.surfaces.slack.telling.digest import daily_digest, review, spans
from advisor.surfaces.slack.telling.mail import Mail
from advisor.surfaces.slack.telling.recommendations import Recommendations
from advisor.surfaces.slack.telling.threads import ChangeThreads

log = structlog.get_logger()

_LONGEST_SLEEP_SECONDS = 5.0
"""What another process wrote into the journal is seen no later."""
_REMEMBERED = timedelta(days=60)
_RECORDS = 500
"""Changes that a report looks back on: ten a day for a month, and more."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """Implements Notifier.

    leads: whether this process does. zone: of the digest, by its IANA name. reports: "weekly", "monthly".
    """

    threads: ChangeThreads
    recommendations: Recommendations
    mail: Mail
    clock: Clock
    mode: Mode
    leads: Callable[[], bool]
    zone: str = "UTC"
    reports: Sequence[str] = ()
    name: str = "slack"
    _latest: Diagnosis | None = None
    _rounds: Rounds = field(init=False)

    def __post_init__(self) -> None:
        self._rounds = Rounds(self.name, self.round)

    @property
    def problem(self) -> str:
        """What a person must mend, for readiness and the log; "" while all is well."""
        return self.threads.sender.problem

    def start(self) -> None:
        self._rounds.start()

    def stop(self) -> None:
        """What was not sent is in the notebook or the journal, and is sent after the next start."""
        self._rounds.stop()

    def change_moved(self, record: ChangeRecord) -> None:
        self._rounds.wake()

    def change_noted(self, record: ChangeRecord) -> None:
        self._rounds.wake()

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        self._latest = diagnosis
        self.threads.live.diagnosed(diagnosis)
        self._rounds.wake()

    def answered(self, answer: AlertAnswer) -> None:
        """Kept until it is sent. Raises JournalError."""
        if is_told(answer):
            self.mail.put(answer_name(answer), answer_message(answer), change_id=answer.change_id)
            self._rounds.wake()

    def day_begins(self) -> None:
        """It is time for the digest and the reports that are due. Raises JournalError."""
        if not self.leads():
            return
        now = self.clock.now()
        records = self.threads.journal.history(self.threads.environment, _RECORDS)
        for span in spans(now, now.astimezone(zone_named(self.zone)).date(), self.reports):
            is_daily = span.name.startswith("daily")
            made = daily_digest(span, self._latest, records, self.mode.value) if is_daily else review(span, records)
            if made is not None:
                self.mail.put(span.name, made)
        self.mail.forget(now - _REMEMBERED)
        self._rounds.wake()

    def round(self) -> float:
        """Send what can be sent now; how many seconds to wait for the next round at most."""
        if not self.leads():
            self.mail.look_again()  # another process leads, and may leave something
            return _LONGEST_SLEEP_SECONDS
        self.threads.sender.look_again()
        try:
            self.threads.sender.check_all()  # before anything is read for what cannot be sent anyway
        except NotYetError as later:
            return min(_LONGEST_SLEEP_SECONDS, later.seconds)
        wait = _LONGEST_SLEEP_SECONDS
        for part in (
            self.threads.round,
            lambda: self.recommendations.round(self._latest, self.mode),
            self.mail.round,
        ):
            try:
                part()
            except NotYetError as later:
                wait = min(wait, later.seconds)
            except SlackCallError as error:  # the sender has settled what follows from it
                log.debug("slack_call_failed", error=str(error))
                wait = min(wait, 1.0)
            except AdvisorError as error:
                log.warning("slack_round_failed", error=str(error))
            except Exception:  # one part that is broken keeps no other from its turn
                log.exception("slack_part_crashed")
        return wait

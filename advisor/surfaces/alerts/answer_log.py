"""Each answer to an alert as a log line. Implements AlertListener."""

import structlog

from advisor.model.alert import AlertAnswer

log = structlog.get_logger()

_NAMED = 5


class AnswerLog:
    """The texts of others in it were made visible when they came."""

    def answered(self, answer: AlertAnswer) -> None:
        log.info(
            "alert_answered",
            alert=answer.title,
            outcome=answer.outcome,
            application=answer.application,
            rules=", ".join(answer.rules[:_NAMED]),
            found="; ".join(finding.summary for finding in answer.findings[:_NAMED]),
            proposed="; ".join(f"{one.target} {one.current} -> {one.proposed}" for one in answer.proposals[:_NAMED]),
            reason=answer.why,
            change_id=answer.change_id,
            notes="; ".join(answer.notes),
        )

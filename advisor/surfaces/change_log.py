"""The life of every change as log lines. Implements ChangeListener."""

import structlog

from advisor.model.change import ChangeRecord

log = structlog.get_logger()


class ChangeLog:
    """One line for each step, named after the state that it led to."""

    def change_moved(self, record: ChangeRecord) -> None:
        _write(f"change_{record.state}", record)

    def change_noted(self, record: ChangeRecord) -> None:
        _write("change_noted", record)


def _write(event: str, record: ChangeRecord) -> None:
    proposal = record.proposal
    log.info(
        event,
        change_id=record.id,
        rule_id=proposal.rule,
        target=str(proposal.target),
        old=proposal.current,
        new=proposal.proposed,
        reason=record.phases[-1].reason if record.phases else "",
    )

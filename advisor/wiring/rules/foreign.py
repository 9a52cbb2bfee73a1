"""A rule of others, held so that whatever it does ends with itself: no other rule is stopped by it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog

from advisor.model.errors import AdvisorError, PermanentError
from advisor.model.finding import Finding
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext

log = structlog.get_logger()

_Found = TypeVar("_Found", Finding, Proposal)


def foreign(rule: Rule, pack: str) -> Rule:
    """`rule`, whose failures are AdvisorErrors that name it and its pack; answers that are no answers fail too."""

    def diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
        return _checked(rule, pack, Finding, lambda: rule.diagnose(snapshot, context))

    def propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
        return _checked(rule, pack, Proposal, lambda: rule.propose(finding, snapshot, context))

    return replace(rule, diagnose=diagnose, propose=propose)


def _checked(rule: Rule, pack: str, kind: type[_Found], ask: Callable[[], Sequence[_Found]]) -> tuple[_Found, ...]:
    try:
        answer = ask()
        found = answer if isinstance(answer, NoProposal) else tuple(answer)
    except AdvisorError:
        raise
    except Exception as error:  # the code is somebody else's
        log.debug("rule_failed", rule_id=rule.id, pack=pack, exc_info=True)
        raise _fault(f"failed with {type(error).__name__}: {error}", rule, pack) from error
    for one in found:
        if not isinstance(one, kind):
            raise _fault(f"gave a {type(one).__name__} for a {kind.__name__}", rule, pack)
        if one.rule != rule.id:
            raise _fault(f"gave a {kind.__name__} of the rule {one.rule!r}", rule, pack)
    return found


def _fault(what: str, rule: Rule, pack: str) -> PermanentError:
    return PermanentError(what, where=f"rule {rule.id} of the pack {pack}", fix="disabled_rules turns it off")

"""Rules that find and propose what they are told to."""

from collections.abc import Sequence

from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.settings.guide import GuideSettings
from advisor.testing.models import FakeAutoscalerModel, FakeLoadClassifier
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool


def a_context() -> RuleContext:
    """The guide's thresholds and the models that need no server."""
    return RuleContext(
        guide=GuideSettings(),
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        autoscaler_model=FakeAutoscalerModel(),
        load_classifier=FakeLoadClassifier(),
        index_planners={},
    )


def a_rule(
    rule_id: str,
    *,
    needs: Sequence[str] = (),
    finds: Sequence[Finding] = (),
    proposes: Sequence[Proposal] | Exception = (),
) -> Rule:
    """Finds `finds` in whatever it is shown, and proposes `proposes` for each; an exception is raised."""

    def propose(*_: object) -> Sequence[Proposal]:
        if isinstance(proposes, Exception):
            raise proposes
        return proposes

    return Rule(
        id=rule_id,
        title="test",
        guide="test",
        needs=_needs(*needs),
        diagnose=lambda *_: finds,
        propose=propose,
    )


_needs = needs

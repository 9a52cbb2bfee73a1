"""PodDisruptionBudgets as the server has them."""

from collections.abc import Iterator

from advisor.model.errors import BadDataError
from advisor.model.kubernetes.disruption import DisruptionBudget
from advisor.model.kubernetes.selector import Operator, Requirement
from advisor.sources.kubernetes_objects.fields import Fields
from advisor.sources.kubernetes_objects.meta import read_meta


def read_disruption_budget(document: Fields) -> DisruptionBudget:
    """Raises BadDataError for what no server would take."""
    meta, spec = read_meta(document), document.inner("spec")
    least, most = spec.share("minAvailable"), spec.share("maxUnavailable")
    if least is not None and most is not None:
        what = "minAvailable and maxUnavailable are both given"
        raise BadDataError(what, where=spec.where, fix="give one of them")
    return DisruptionBudget(
        name=meta.name,
        namespace=meta.namespace,
        selector=tuple(_requirements(spec.inner("selector"))) if spec.has("selector") else None,
        least_available=least,
        most_unavailable=most,
    )


def _requirements(selector: Fields) -> Iterator[Requirement]:
    labels = selector.inner("matchLabels")
    for key in labels.values:
        yield Requirement(key=key, operator=Operator.IN, values=frozenset({labels.text(key)}))
    for expression in selector.items("matchExpressions"):
        yield Requirement(
            key=expression.required("key"),
            operator=expression.word("operator", Operator),
            values=frozenset(expression.texts("values")),
        )

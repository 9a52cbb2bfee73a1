"""The table of workloads: now, proposed, why, risk and money, one line for each proposal."""

from typing import Any

from advisor.model.plot import Plot, replica_paths
from advisor.model.proposal import Proposal, Reservation, Risk
from advisor.model.report import Answer, Choice, Diagnosis
from advisor.surfaces.documents.document import Section
from advisor.surfaces.documents.report import flat_rows, report_document
from advisor.surfaces.documents.report_page import report_page
from advisor.surfaces.documents.workloads import usage_section, workloads_section
from advisor.surfaces.formats.page import to_html
from advisor.surfaces.views.report import ReportView, report_view
from advisor.testing.snapshots import a_snapshot
from advisor.testing.words import a_finding, a_proposal
from tests.fakes.manifests import autoscaler, cluster, container, deployment

FULL = [container(requests={"cpu": "500m", "memory": "129M"})]
KEY = "manifests/shop/Deployment.apps/web"


def seen(*objects: Any, proposals: tuple[Proposal, ...] = (), reason: str = "") -> ReportView:
    """One finding about web, with its answer."""
    finding = a_finding(rule="resources-over-provisioned", key=KEY, summary="Deployment shop/web asks for more")
    answer = Answer(proposals=tuple(one.id for one in proposals), reason=reason)
    diagnosis = Diagnosis(
        snapshot=a_snapshot(clusters=[cluster(*objects)]),
        rules=(),
        findings=(finding,),
        proposals=proposals,
        choice=Choice(proposal=None, reason="advice"),
        answers={finding.id: answer},
    )
    return report_view(diagnosis, mode="propose")


def smaller(**changes: Any) -> Proposal:
    base = {
        "finding": f"resources-over-provisioned/{KEY}",
        "rule": "resources-over-provisioned",
        "current": "app cpu request 500m",
        "proposed": "app cpu request 375m",
        "unit": "",
        "risk": Risk.MEDIUM,
        "reserved": Reservation(cores=-0.25, memory_bytes=0.0, cost_a_month=-5.0, currency="EUR"),
    }
    return a_proposal(**{**base, **changes})


def table(view: ReportView, most: int | None = None) -> tuple[Section, list[tuple[str, ...]]]:
    (section,) = workloads_section(view, most)
    assert section.table is not None
    return section, list(section.table.rows)


def test_now_proposed_why_risk_and_money_stand_in_one_line() -> None:
    section, rows = table(seen(deployment("web", FULL), autoscaler("web", "web"), proposals=(smaller(),)))
    why = "resources-over-provisioned: asks for more"
    about = "Burstable; asks for cpu 0.5, memory 123.02Mi; web: 2 to 10 by cpu 70%"
    now, then = "app cpu request 500m", "app cpu request 375m"
    assert rows == [("deployment shop/web", "2", now, then, why, "medium", "-5.00 EUR", about)]
    assert [(fact.label, fact.text) for fact in section.facts] == [("All together", "-5.00 EUR a month")]


def test_without_a_price_what_is_set_aside_is_shown_and_the_setting_named() -> None:
    """Two proposals: -0.25 cores and +1 GiB; +0.5 cores. Together +0.25 cores and 1 GiB."""
    first = Reservation(cores=-0.25, memory_bytes=1024.0**3)
    second = Reservation(cores=0.5, memory_bytes=0.0)
    both = (smaller(reserved=first), smaller(reserved=second, proposed="app cpu request 750m"))
    section, rows = table(seen(deployment("web", FULL), proposals=both))
    assert [row[6] for row in rows] == ["-0.25 cores, +1Gi", "+0.5 cores"]
    assert [row[7] for row in rows][1] == ""  # what it is stands once
    assert section.facts[0].text.startswith(
        "+0.25 cores, +1Gi; no price is set (guide.kubernetes.sizing.price_core_month"
    )


def test_a_workload_without_a_proposal_says_why() -> None:
    _, (row,) = table(seen(deployment("web", FULL), reason="its memory grows"))
    assert row[2:7] == ("cpu 0.5, memory 123.02Mi", "-", "resources-over-provisioned: its memory grows", "-", "-")


def test_a_long_list_is_cut_for_the_screen_and_what_has_a_proposal_stays() -> None:
    objects = [deployment(name, FULL) for name in ("a", "b", "c", "web", "x")]
    _, rows = table(seen(*objects, proposals=(smaller(),)), most=3)
    assert [row[0] for row in rows] == ["deployment shop/web", "deployment shop/a", "deployment shop/b", "and 2 more"]
    assert len(table(seen(*objects))[1]) == 5


def test_no_cluster_is_no_section() -> None:
    view = report_view(
        Diagnosis(snapshot=a_snapshot(), rules=(), findings=(), proposals=(), choice=Choice(proposal=None, reason="")),
        mode="propose",
    )
    assert (workloads_section(view), usage_section(view)) == ((), ())


def test_the_narrow_table_leaves_out_what_the_workload_is() -> None:
    (section,) = workloads_section(seen(deployment("web", FULL)))
    assert section.table is not None
    assert section.table.narrow().columns == ("Workload", "Replicas", "Now", "Proposed", "Why", "Risk", "A month")


def test_csv_carries_the_money_as_numbers() -> None:
    flat = flat_rows(seen(deployment("web", FULL), proposals=(smaller(),)))
    row = dict(zip(flat.columns, flat.rows[0], strict=True))
    assert (row["cores"], row["memory_bytes"], row["cost_a_month"], row["currency"]) == ("-0.25", "0", "-5.00", "EUR")


def replicas() -> Plot:
    return replica_paths("Replicas", [("today", [2, 4, 8]), ("proposed", [3, 6, 6])], 15)


def test_the_replica_paths_of_a_proposal_are_drawn_in_its_card_and_carried_in_json() -> None:
    view = seen(deployment("web", FULL), proposals=(smaller(plots=(replicas(),)),))
    (card,) = report_page(view).sections[0].cards
    assert card.plots == (replicas(),)
    assert "<figcaption>Replicas</figcaption>" in to_html(report_page(view))
    data: Any = report_document(view).data["proposals"]
    assert data[0]["plots"][0]["lines"][1] == {"name": "proposed", "values": [3.0, 6.0, 6.0], "is_stepped": True}


def test_nothing_asked_for_is_said() -> None:
    assert table(seen(deployment("web", [container()])))[1][0][2] == "cpu none, memory none"

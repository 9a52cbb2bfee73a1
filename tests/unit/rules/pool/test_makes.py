"""Each make of pool is told its own settings."""

from dataclasses import replace

import pytest

from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.testing.asking import finding_of, the_proposal_of
from advisor.testing.snapshots import (
    a_calm_pool,
    a_checkout,
    a_context,
    a_database_state,
    a_snapshot,
    an_exhausted_pool,
)
from advisor_rules.pool.connections_budget import CONNECTIONS_BUDGET
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION

WAITING = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state()])


def told_by(snapshot: Snapshot, pool: str, requests: str = "") -> Snapshot:
    """The presets that the pool and the requests of the shop come from."""
    names = {"pool.size": pool, "http.requests_per_second": requests}
    return replace(snapshot, presets={signal(name, app="shop"): preset for name, preset in names.items()})


@pytest.mark.parametrize(
    ("presets", "apply", "undo"),
    [
        # 4 connections for 5 busy ones are not enough: 8, twice as many, is the largest step.
        ({"pool": "agents"}, "create_engine(..., pool_size=8, max_overflow=0)", "pool_size=4"),
        ({"pool": "micrometer"}, "HikariCP: maximumPoolSize=8", "HikariCP: maximumPoolSize=4"),
        ({"pool": "go_sql"}, "db.SetMaxOpenConns(8)", "db.SetMaxOpenConns(4)"),
        ({"pool": "pgbouncer_exporter"}, "pgbouncer.ini: default_pool_size=8, reserve_pool_size=0", "size=4"),
        ({"pool": "otel", "requests": "prom_client"}, "new Pool({..., max: 8})", "new Pool({..., max: 4})"),
        ({"pool": "otel", "requests": "django"}, 'DATABASES[...]["OPTIONS"]["pool"] = {"max_size": 8}', "4}"),
        ({"pool": "otel", "requests": "fastapi"}, "create_engine(..., pool_size=8, max_overflow=0)", "size=4"),
        ({"pool": "otel"}, "the pool's largest size: 8", "the pool's largest size: 4"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_a_larger_pool_is_proposed_in_the_words_of_its_make(presets: dict[str, str], apply: str, undo: str) -> None:
    proposal = the_proposal_of(POOL_EXHAUSTION, told_by(WAITING, **presets), a_context())
    assert proposal.apply == apply
    assert undo in proposal.undo


def test_bursts_enlarge_the_one_limit_that_there_is() -> None:
    pool = a_calm_pool(size=6, waiting=8, wait_mean_seconds=0.1, wait_p95_seconds=0.5)
    snapshot = a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()])
    overflow = the_proposal_of(POOL_EXHAUSTION, told_by(snapshot, pool="agents"), a_context())
    largest = the_proposal_of(POOL_EXHAUSTION, told_by(snapshot, pool="micrometer"), a_context())
    assert (overflow.target.knob, largest.target.knob) == ("db.max_overflow", "db.pool_size")
    assert largest.proposed == 6 + int(str(overflow.proposed))
    assert largest.apply == f"HikariCP: maximumPoolSize={largest.proposed}"


def test_the_servers_budget_names_what_each_pool_is_limited_by() -> None:
    pools = [an_exhausted_pool(app, size=60) for app in ("shop", "till")]
    snapshot = a_snapshot(*pools, databases=[a_database_state()])
    presets = {key: "micrometer" if key.label("app") == "till" else "agents" for key in snapshot.signals}
    proposal = the_proposal_of(CONNECTIONS_BUDGET, replace(snapshot, presets=presets), a_context())
    assert str(proposal.proposed).startswith("make pool_size + max_overflow and maximumPoolSize fit (shop: at most")


def test_pools_behind_a_pooler_do_not_count_beside_its_own() -> None:
    # Two processes of 40 for the shop would be 80 and a surge; the pooler's two of 4 are all that the server sees.
    behind, pooler = an_exhausted_pool("shop", size=40), an_exhausted_pool("pgbouncer/main")
    snapshot = a_snapshot(behind, pooler, databases=[a_database_state()])
    presets = {key: "pgbouncer_exporter" if "/" in key.label("app") else "agents" for key in snapshot.signals}
    assert finding_of(CONNECTIONS_BUDGET, snapshot, a_context()) is not None
    assert finding_of(CONNECTIONS_BUDGET, replace(snapshot, presets=presets), a_context()) is None

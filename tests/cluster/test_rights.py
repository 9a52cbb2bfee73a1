"""The shipped Roles on a real API server: what the advisor does is allowed, and nothing else is, account by account."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from advisor.clients.kubernetes import KubernetesApi
from advisor.clock import SystemClock
from advisor.journal.lease_lock import LeaseLock
from advisor.knobs.kubernetes.check import check_writing
from advisor.model.check import CheckStatus
from advisor.model.knob import KnobState
from advisor.model.kubernetes.kinds import IN_NAMESPACES
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.source import KubernetesSource
from advisor.testing.clock import FakeClock
from tests.cluster.asking import Asking
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed
from tests.cluster.test_live_changes import SIZES, SMALL, hpa, knob_of, sizes
from tests.cluster.test_reading import settings_for, state_of
from tests.fakes.chart import rendered
from tests.fakes.manifests import autoscaler, deployment
from tests.fakes.overlays import OVERLAYS

JSON_PATCH = "application/json-patch+json"
READER, ACTOR = "tuning-advisor", "tuning-advisor-actor"
LOOKS = ("get", "list", "watch")
WRITES = ("create", "update", "patch", "delete", "deletecollection")
NEVER = (
    *((verb, "secrets") for verb in (*LOOKS, *WRITES)),
    *((verb, "configmaps") for verb in (*LOOKS, *WRITES)),
    *((verb, f"pods/{part}") for part in ("exec", "attach", "portforward", "proxy") for verb in ("get", "create")),
    ("get", "pods/log"),
    ("update", "pods/ephemeralcontainers"),
    ("create", "pods/eviction"),
    ("create", "serviceaccounts/token"),
    ("impersonate", "serviceaccounts"),
    *((verb, f"{kind}.rbac.authorization.k8s.io") for kind in ("roles", "rolebindings") for verb in WRITES),
    *((verb, "roles.rbac.authorization.k8s.io") for verb in ("bind", "escalate")),
    *((verb, "pods") for verb in WRITES),
    *((verb, "leases.coordination.k8s.io") for verb in ("list", "watch", "create", "patch", "delete")),
    *((verb, one.resource) for one in IN_NAMESPACES for verb in ("create", "update", "delete", "deletecollection")),
    *((verb, f"deployments.apps/{part}") for part in ("scale", "status") for verb in ("update", "patch")),
)
"""What neither account may, wherever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """own: the namespace of the advisor. shop: that of an application. Both accounts, and what they may."""

    cluster: Cluster
    own: str
    shop: str

    @property
    def places(self) -> tuple[str, str]:
        return self.own, self.shop

    def account(self, name: str) -> Asking:
        return Asking(self.cluster, f"{self.own}/{name}")

    def settings(self, name: str, *namespaces: str) -> KubernetesSettings:
        return settings_for(self.cluster.kubeconfig_of(self.own, name), *namespaces)

    def may(self, name: str, verb: str, resource: str, place: str, one: str = "") -> bool:
        return self.account(name).may(verb, resource, place, one)


# Many questions and few changes, and each of these undone by its test.
@pytest.fixture(scope="module")
def installed(cluster: Cluster) -> Iterator[Installed]:
    """Two replicas that act in a shop, whose "web" they may patch and whose "api" they may not."""
    with cluster.namespace() as own, cluster.namespace() as shop:
        for name in ("web", "api"):
            cluster.create(placed(deployment(name, SMALL, replicas=0), shop))
            cluster.create(placed(autoscaler(name, name), shop))
        named = [{"name": shop, "hpas": ["web"], "deployments": ["web"]}]
        for document in rendered({**OVERLAYS["ha"], "namespaces": named}, own):
            if document["kind"] in ("ServiceAccount", "Role", "RoleBinding", "Lease"):
                answer = Asking(cluster).create(document)
                assert answer.status == 201, answer.body
        yield Installed(cluster=cluster, own=own, shop=shop)


@pytest.mark.parametrize("account", [READER, ACTOR])
def test_both_accounts_may_look_at_everything_that_is_read_in_both_namespaces(
    installed: Installed, account: str
) -> None:
    asked = [(verb, one.resource, place) for one in IN_NAMESPACES for verb in LOOKS for place in installed.places]
    assert [what for what in asked if not installed.may(account, *what)] == []


@pytest.mark.parametrize("account", [READER, ACTOR])
def test_secrets_commands_and_everything_that_is_not_needed_are_refused(installed: Installed, account: str) -> None:
    asked = [(verb, resource, place) for verb, resource in NEVER for place in (*installed.places, "kube-system", "")]
    assert [what for what in asked if installed.may(account, *what)] == []


@pytest.mark.parametrize("account", [READER, ACTOR])
def test_no_account_sees_beyond_its_namespaces(installed: Installed, account: str) -> None:
    asked = [(verb, one.resource, place) for one in IN_NAMESPACES for verb in LOOKS for place in ("kube-system", "")]
    asked += [(verb, resource, "") for verb in LOOKS for resource in ("nodes", "namespaces")]
    assert [what for what in asked if installed.may(account, *what)] == []


def test_with_the_component_the_reader_sees_all_and_writes_nothing_still(installed: Installed) -> None:
    everywhere = {**OVERLAYS["ha"], "everywhere": {"enabled": True}}
    made = [one for one in rendered(everywhere, installed.own) if one["kind"].startswith("ClusterRole")]
    asked = [(verb, one.resource, "kube-system") for one in IN_NAMESPACES for verb in LOOKS]
    asked += [(verb, resource, "") for verb in LOOKS for resource in ("nodes", "namespaces")]
    never = [(verb, resource, place) for verb, resource in NEVER for place in ("kube-system", "")]
    try:
        for document in made:
            answer = Asking(installed.cluster).create(document)
            assert answer.status == 201, answer.body
        until(lambda: [what for what in asked if not installed.may(READER, *what)], lambda refused: refused == [])
        assert [what for what in never if installed.may(READER, *what)] == []
        assert not any(installed.may(ACTOR, *what) for what in asked)
    finally:
        for document in made:
            installed.cluster.delete(document["apiVersion"], document["kind"], document["metadata"]["name"])


def test_the_acting_account_patches_what_is_named_and_nothing_else(installed: Installed) -> None:
    kinds = ("deployments.apps", "horizontalpodautoscalers.autoscaling", "statefulsets.apps", "daemonsets.apps")
    asked = [(kind, place, name) for kind in kinds for place in installed.places for name in ("web", "api", "")]
    asked += [("pods/resize", place, "web-0") for place in installed.places]
    asked += [("deployments.apps", installed.own, "tuning-advisor")]
    assert [what for what in asked if installed.may(ACTOR, "patch", *what)] == [
        ("deployments.apps", installed.shop, "web"),
        ("horizontalpodautoscalers.autoscaling", installed.shop, "web"),
        ("pods/resize", installed.shop, "web-0"),
    ]
    assert [what for what in asked if installed.may(READER, "patch", *what)] == []


def test_the_lease_is_the_acting_accounts_and_no_other_is(installed: Installed) -> None:
    asked = [
        (account, verb, place, name)
        for account in (READER, ACTOR)
        for verb in ("get", "update")
        for place in installed.places
        for name in ("tuning-advisor", "kube-scheduler", "")
    ]
    leases = "leases.coordination.k8s.io"
    assert [one for one in asked if installed.may(one[0], one[1], leases, *one[2:])] == [
        (ACTOR, "get", installed.own, "tuning-advisor"),
        (ACTOR, "update", installed.own, "tuning-advisor"),
    ]


def test_what_is_refused_is_refused_when_it_is_done(installed: Installed) -> None:
    """Not only asked about: the very requests, in the acting account's name, and what they leave."""
    shop, acts = installed.shop, installed.account(ACTOR)
    metadata = {"name": "password", "namespace": shop}
    installed.cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"is": "hush"}})
    patch: Any = [{"op": "replace", "path": "/spec/replicas", "value": 7}]
    core, apps = f"/api/v1/namespaces/{shop}", f"/apis/apps/v1/namespaces/{shop}"
    refused = [
        acts.ask("get", f"{core}/secrets"),
        acts.ask("get", f"{core}/secrets/password"),
        acts.ask("post", f"{core}/pods/web-0/exec", command="id"),
        acts.ask("get", f"{core}/configmaps/kube-root-ca.crt"),
        acts.ask("delete", f"{apps}/deployments/web"),
        acts.ask("patch", f"{apps}/deployments/api", patch, content_type=JSON_PATCH),
        acts.ask("patch", f"{apps}/deployments/web/scale", patch, content_type=JSON_PATCH),
        acts.ask("get", "/api/v1/nodes"),
        acts.ask("get", "/api/v1/namespaces/kube-system/pods"),
    ]
    assert [one.status for one in refused] == [403] * len(refused), [one.body for one in refused]
    assert not any("hush" in one.body or "aHVzaA" in one.body for one in refused)
    assert installed.cluster.get("apps/v1", "Deployment", "api", shop)["spec"]["replicas"] == 0
    allowed = acts.ask("patch", f"{apps}/deployments/web", patch, content_type=JSON_PATCH, dryRun="All")
    assert (allowed.status, allowed.document["spec"]["replicas"]) == (200, 7)


def test_the_reading_account_reads_both_namespaces_whole(installed: Installed) -> None:
    settings = installed.settings(READER, installed.own, installed.shop)
    with closing(KubernetesSource(KubernetesApi(settings), settings, FakeClock())) as source:
        seen = source.read(300)
    assert [one.meta.name for one in state_of(seen).workloads] == ["api", "web"]
    assert [(one.what, one.fix.partition(" create ")[2][:11]) for one in state_of(seen).unread] == [
        ("nodes", "clusterrole")
    ]


def test_the_acting_account_can_carry_out_a_change_of_each_knob_and_undo_it(installed: Installed) -> None:
    kubeconfig = installed.cluster.kubeconfig_of(installed.own, ACTOR)
    for order in (hpa(installed.shop, "maxReplicas", 10, 14), sizes(installed.shop, *SIZES)):
        with knob_of(str(kubeconfig), "rig") as knob:
            assert knob.inspect(order).kind is KnobState.OLD
            knob.apply(order)
            assert knob.inspect(order).kind in (KnobState.NEW, KnobState.PENDING)
            knob.restore(order)
            assert knob.inspect(order).kind is KnobState.OLD
        with knob_of(str(installed.cluster.kubeconfig_of(installed.own, READER)), "rig") as knob:
            assert knob.inspect(order).kind is KnobState.OLD
            with pytest.raises(Exception, match="not allowed"):
                knob.apply(order)


def test_the_acting_account_leads_by_the_lease(installed: Installed) -> None:
    with closing(KubernetesApi(installed.settings(ACTOR))) as api:
        lock = LeaseLock(api, (api.namespace, "tuning-advisor"), "here", SystemClock(), 15)
        assert lock.hold() == 1
        lock.release()


def test_the_doctor_is_content_with_what_the_shipped_roles_give(installed: Installed) -> None:
    acting = installed.settings(ACTOR, installed.shop)
    writing = acting.writing.model_validate({"enabled": True, "kubeconfig": acting.kubeconfig})
    line, canary = check_writing(acting.model_copy(update={"writing": writing}))
    assert (line.status, line.detail) == (
        CheckStatus.OK,
        "may patch horizontalpodautoscalers.autoscaling web; deployments.apps web; and nothing else",
    )
    assert (canary.status, canary.detail) == (CheckStatus.OK, "may resize some pods in place first")

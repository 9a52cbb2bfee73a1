"""The knobs of a cluster that git describes: `k8s.resources` and `k8s.hpa` as commits."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from advisor.clients.command import CommandMissingError, CommandTimeoutError
from advisor.clients.git import Git, GitError
from advisor.knobs.gitops.branches import Followed, Standing
from advisor.knobs.gitops.edits import write_edits
from advisor.knobs.gitops.fields import ObjectChange
from advisor.knobs.gitops.ledger import Entry, Phase
from advisor.knobs.gitops.message import Action, message
from advisor.knobs.gitops.work import Work
from advisor.model.change import ChangeRecord
from advisor.model.errors import BadDataError, ConfigurationError, KnobBusyError, KnobError, StaleEpochError
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.settings.kubernetes.gitops import GitOpsSettings


class Cluster(Protocol):
    """What the cluster shows, whoever wrote it."""

    def changes(self, order: Order) -> Sequence[ObjectChange]:
        """What the order does to which objects. Raises KnobError for a value that is none of its knob."""

    def status(self, order: Order) -> KnobStatus:
        """OLD, NEW or FOREIGN by the values alone; PARTIAL, PENDING or REMAINS while the new ones are on their way.

        Raises TransientError, BadDataError, KnobError.
        """


class GitOpsKnob:
    """Implements Knob. The value is in force when the cluster shows it, whoever brought it there."""

    def __init__(self, settings: GitOpsSettings, cluster: Cluster, find: Callable[[str], ChangeRecord | None]) -> None:
        """find: the change as the journal has it, for the commit's message. Raises ConfigurationError."""
        if settings.repository is None:
            raise ConfigurationError("is not given", where="kubernetes.gitops.repository")
        self._settings = settings
        self._git = Git(Path(settings.repository), settings.git_timeout_seconds)
        self._cluster = cluster
        self._find = find

    def inspect(self, order: Order) -> KnobStatus:
        """UNKNOWN, with the reason, for a repository or a cluster that will not become readable by itself."""
        try:
            with _translated():
                live = self._cluster.status(order)
                if live.kind is KnobState.FOREIGN:
                    return live
                work = self._work(order)
                standing = work.branches.standing(order.change_id, work.branches.followed())
                entry = work.ledger.entry()
        except KnobError as error:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=str(error))
        phase = entry.phase if entry is not None and entry.change == order.change_id else None
        if standing.undone is not None:
            return _undone(live, phase)
        if standing.done is not None:
            return _done(live, phase, standing)
        if live.kind is KnobState.OLD:
            return replace(live, detail=f"{live.detail}, and nothing is committed")
        return replace(live, kind=KnobState.FOREIGN, detail=f"{live.detail}, and no commit of this change is there")

    def apply(self, order: Order) -> None:
        """Commit and publish. Repeated, it goes on where it was."""
        with _translated():
            work, followed, standing, entry = self._begun(order)
            live = self._cluster.status(order)
            if standing.undone is not None or live.kind is KnobState.FOREIGN:
                what = "was taken back already" if standing.undone else live.detail
                raise KnobError(what, where=str(order.target), fix="it will be looked at afresh")
            if standing.done is None:
                self._commit(order, work, followed, entry, live)
            if entry.phase in (Phase.INTENDED, Phase.PUBLISHING):
                work.publish(entry, followed, Action.APPLY)

    def _commit(self, order: Order, work: Work, followed: Followed, entry: Entry, live: KnobStatus) -> None:
        if live.kind is not KnobState.OLD:
            raise KnobError(live.detail, where=str(order.target), fix="hands off; look who did")
        if live.not_now:
            raise KnobBusyError(live.not_now, where=str(order.target))
        changes = self._cluster.changes(order)
        text = message(order, self._find(order.change_id), Action.APPLY)
        work.commit(entry, followed, lambda root: write_edits(root, self._settings, changes), text)

    def restore(self, order: Order) -> None:
        """A revert commit, published on the same way; a commit that nobody was told of is taken away."""
        with _translated():
            work, followed, standing, entry = self._begun(order)
            if standing.done is None or self._cluster.status(order).kind is KnobState.FOREIGN:
                return
            if standing.undone is None and entry.phase is Phase.INTENDED and _is_ours_alone(standing):
                work.drop(entry, standing)
                return
            if standing.undone is None:
                entry = work.ledger.advance(entry, Phase.WITHDRAWING)
                text = message(order, None, Action.UNDO, revert_of=standing.done)
                work.revert(entry, followed, standing, text)
            if entry.phase is not Phase.WITHDRAWN:
                work.publish(entry, followed, Action.UNDO)

    def renew(self, order: Order) -> None:
        """There is no dead man's switch; what could not be published yet is tried again, and what is shown is noted."""
        with _translated():
            work = self._work(order)
            entry = work.ledger.claim(order)
            standing = work.branches.standing(order.change_id, work.branches.followed())
            live = self._cluster.status(order)
            if standing.done is None or standing.undone is not None or live.kind is KnobState.FOREIGN:
                raise KnobError(f"no value of ours to hold: {live.detail}", where=str(order.target))
            if live.kind is KnobState.NEW:
                work.ledger.advance(entry, Phase.SHOWN)
            elif entry.phase in (Phase.INTENDED, Phase.PUBLISHING):
                self.apply(order)

    def _work(self, order: Order) -> Work:
        return Work(self._git, self._settings, order.change_id)

    def _begun(self, order: Order) -> tuple[Work, Followed, Standing, Entry]:
        """Whose term it is comes first; then what others have done."""
        work = self._work(order)
        entry = work.ledger.claim(order)
        followed = work.branches.followed()
        work.branches.refresh(followed)
        followed = work.branches.followed()
        standing = work.branches.standing(order.change_id, followed)
        if standing.epoch > order.epoch:
            what = f"term {order.epoch} is over; {standing.epoch} has committed"
            raise StaleEpochError(what, where=str(self._git.folder))
        return work, followed, standing, entry


def _is_ours_alone(standing: Standing) -> bool:
    return standing.tip == standing.done and not standing.is_outside


def _done(live: KnobStatus, phase: Phase | None, standing: Standing) -> KnobStatus:
    commit = (standing.done or "")[:12]
    if live.kind is not KnobState.OLD:
        return replace(live, detail=f"{live.detail}, as {commit} says")
    if phase is Phase.SHOWN:
        return replace(live, detail=f"the cluster shows the old value again, in spite of {commit}", not_now="")
    is_published = phase is Phase.PUBLISHED or standing.is_outside
    told = "published; the cluster does not show it yet" if is_published else "not published yet"
    return replace(live, kind=KnobState.PENDING, detail=f"committed as {commit}, {told}", not_now="")


def _undone(live: KnobStatus, phase: Phase | None) -> KnobStatus:
    if phase is Phase.WITHDRAWING:
        return replace(live, kind=KnobState.PENDING, detail="the revert is not published yet", not_now="")
    if live.kind is KnobState.OLD:
        return replace(live, detail="reverted, and the cluster shows the old value")
    if phase is None:
        return replace(live, kind=KnobState.FOREIGN, detail=f"reverted long since; {live.detail}")
    return replace(live, kind=KnobState.PENDING, detail=f"reverted; {live.detail} still")


@contextmanager
def _translated() -> Iterator[None]:
    """A client's errors as the walk knows them."""
    try:
        yield
    except (GitError, BadDataError, CommandMissingError) as error:
        raise KnobError(error.what, where=error.where, fix=error.fix) from error
    except CommandTimeoutError as error:
        raise KnobBusyError(error.what, where=error.where, fix=error.fix) from error

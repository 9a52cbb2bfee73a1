"""The knobs of a cluster that git describes: `k8s.resources` and `k8s.hpa` as commits."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
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
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.settings.kubernetes.gitops import GitOpsSettings


class LiveSide(StrEnum):
    OLD = "old"
    NEW = "new"
    OTHER = "other"


class Cluster(Protocol):
    """What the cluster shows, whoever wrote it."""

    def changes(self, order: Order) -> Sequence[ObjectChange]:
        """What the order does to which objects. Raises KnobError for a value that is none of its knob."""

    def side(self, order: Order) -> tuple[LiveSide, KnobValue]:
        """Which of the order's values all of its objects have, and what there is. Raises TransientError."""


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
        """UNKNOWN, with the reason, for a repository that will not become readable by itself."""
        side, live = self._cluster.side(order)
        if side is LiveSide.OTHER:
            return KnobStatus(kind=KnobState.FOREIGN, live=live, detail=f"the cluster shows {live}")
        try:
            with _translated():
                work = self._work(order)
                standing = work.branches.standing(order.change_id, work.branches.followed())
                entry = work.ledger.entry()
        except KnobError as error:
            return KnobStatus(kind=KnobState.UNKNOWN, live=live, detail=str(error))
        phase = entry.phase if entry is not None and entry.change == order.change_id else None
        if standing.undone is not None:
            kind, detail = _undone(side, phase)
        elif standing.done is not None:
            kind, detail = _done(side, phase, standing)
        elif side is LiveSide.NEW:
            kind, detail = KnobState.FOREIGN, "the cluster shows the new value, and no commit of this change is there"
        else:
            kind, detail = KnobState.OLD, "the cluster shows the old value, and nothing is committed"
        return KnobStatus(kind=kind, live=live, detail=detail)

    def apply(self, order: Order) -> None:
        """Commit and publish. Repeated, it goes on where it was."""
        with _translated():
            work, followed, standing, entry = self._begun(order)
            side, live = self._cluster.side(order)
            if standing.undone is not None or side is LiveSide.OTHER:
                what = "was taken back already" if standing.undone else f"is not what was proposed on: {live}"
                raise KnobError(what, where=str(order.target), fix="it will be looked at afresh")
            if standing.done is None:
                if side is not LiveSide.OLD:
                    raise KnobError(f"the cluster shows {live} already", where=str(order.target))
                changes = self._cluster.changes(order)
                text = message(order, self._find(order.change_id), Action.APPLY)
                work.commit(entry, followed, lambda root: write_edits(root, self._settings, changes), text)
            if entry.phase in (Phase.INTENDED, Phase.PUBLISHING):
                work.publish(entry, followed, Action.APPLY)

    def restore(self, order: Order) -> None:
        """A revert commit, published on the same way; a commit that nobody was told of is taken away."""
        with _translated():
            work, followed, standing, entry = self._begun(order)
            side, _ = self._cluster.side(order)
            if standing.done is None or side is LiveSide.OTHER:
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
            side, live = self._cluster.side(order)
            if standing.done is None or standing.undone is not None or side is LiveSide.OTHER:
                raise KnobError(f"is not ours: the cluster shows {live}", where=str(order.target))
            if side is LiveSide.NEW:
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


def _done(side: LiveSide, phase: Phase | None, standing: Standing) -> tuple[KnobState, str]:
    commit = (standing.done or "")[:12]
    if side is LiveSide.NEW:
        return KnobState.NEW, f"the cluster shows what {commit} says"
    if phase is Phase.SHOWN:
        return KnobState.OLD, f"the cluster shows the old value again, in spite of {commit}"
    is_published = phase is Phase.PUBLISHED or standing.is_outside
    told = "published; the cluster does not show it yet" if is_published else "not published yet"
    return KnobState.PENDING, f"committed as {commit}, {told}"


def _undone(side: LiveSide, phase: Phase | None) -> tuple[KnobState, str]:
    if phase is Phase.WITHDRAWING:
        return KnobState.PENDING, "the revert is not published yet"
    if side is LiveSide.OLD:
        return KnobState.OLD, "reverted, and the cluster shows the old value"
    if phase is None:
        return KnobState.FOREIGN, "reverted long since, and the cluster shows the new value"
    return KnobState.PENDING, "reverted; the cluster does not show that yet"


@contextmanager
def _translated() -> Iterator[None]:
    """A client's errors as the walk knows them."""
    try:
        yield
    except (GitError, BadDataError, CommandMissingError) as error:
        raise KnobError(error.what, where=error.where, fix=error.fix) from error
    except CommandTimeoutError as error:
        raise KnobBusyError(error.what, where=error.where, fix=error.fix) from error

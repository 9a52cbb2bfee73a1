"""What single settings cannot tell: pairs the wrong way round, names given twice, bounds that no knob can have."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.model.knob import kind_of
from advisor.model.units import format_duration
from advisor.settings.fields.address import is_loopback
from advisor.settings.guide import GuideSettings
from advisor.settings.policy import PolicySettings
from advisor.settings.schema import Settings
from advisor.settings.strict_yaml import SettingPath
from advisor.settings.surfaces.web import WebSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The setting at `path` does not do.

    rival: the setting that it does not go with; where only that one was given, that one is shown.
    where: file and line when it is another file than that of the settings.
    """

    path: SettingPath
    what: str
    fix: str
    rival: SettingPath = ()
    where: str = ""


def contradictions(settings: Settings) -> Iterator[Fault]:
    """Every one, in the order of the settings."""
    yield from _waits(settings)
    yield from _twice([app.name for app in settings.applications], lambda index: ("applications", index, "name"))
    yield from _bounds(settings.policy)
    yield from _ratios(settings)
    yield from _windows(settings)
    yield from _web(settings.web)
    yield from _guide(settings.guide)
    yield from _pairs(settings)
    yield from _selection(settings)
    yield from _gitops(settings)


def _waits(settings: Settings) -> Iterator[Fault]:
    prometheus, postgres, redis = settings.prometheus, settings.postgres, settings.redis
    kubernetes = settings.kubernetes
    for group, timeout, deadline in (
        ("prometheus", prometheus.timeout_seconds, prometheus.deadline_seconds),
        ("postgres", postgres.timeout_seconds, postgres.deadline_seconds),
        ("redis", redis.timeout_seconds, redis.deadline_seconds),
        ("kubernetes", kubernetes.timeout_seconds, kubernetes.deadline_seconds),
    ):
        yield from _no_more((group, "timeout_seconds"), timeout, (group, "deadline_seconds"), deadline)
    yield from _no_more(
        ("prometheus", "step_seconds"),
        prometheus.step_seconds,
        ("prometheus", "rate_window_seconds"),
        prometheus.rate_window_seconds,
    )
    yield from _no_more(
        ("postgres", "lock_timeout_seconds"),
        postgres.lock_timeout_seconds,
        ("postgres", "build_timeout_seconds"),
        postgres.build_timeout_seconds,
    )
    if prometheus.bearer_token is not None and "@" in (prometheus.url or ""):
        yield Fault(
            path=("prometheus", "bearer_token"),
            what="prometheus.url holds a user, and prometheus.bearer_token is given as well; one request takes one",
            fix="take the user out of prometheus.url, or give no token",
        )


def _windows(settings: Settings) -> Iterator[Fault]:
    trial = settings.trial
    for shorter, longer in (
        (("trial", "trial_seconds"), ("trial", "longest_seconds")),
        (("trial", "baseline_seconds"), ("trial", "history_seconds")),
    ):
        yield from _no_more(shorter, getattr(trial, shorter[1]), longer, getattr(trial, longer[1]))
    yield from _no_more(
        ("daemon", "interval_seconds"),
        settings.daemon.interval_seconds,
        ("trial", "hold_seconds"),
        trial.hold_seconds,
        why="a value on trial would fall back before the daemon renews it",
    )


def _web(web: WebSettings) -> Iterator[Fault]:
    # The journal knows a token by its file's name.
    yield from _twice([Path(file).name for file in web.token_files], lambda index: ("web", "token_files", index))
    has_proxy = web.trusted_user_header is not None and bool(web.trusted_proxies)
    if not is_loopback(web.listen_address) and not web.token_files and not has_proxy:
        yield Fault(
            path=("web", "listen_address"),
            rival=("web", "token_files"),
            what=f"web.listen_address: {web.listen_address} is open to the network, and no token guards it",
            fix="listen on 127.0.0.1, or name web.token_files",
        )
    if (web.trusted_user_header is None) == bool(web.trusted_proxies):
        header, proxies = ("web", "trusted_user_header"), ("web", "trusted_proxies")
        lacking, given = (header, proxies) if web.trusted_user_header is None else (proxies, header)
        what = f"{'.'.join(given)} says nothing without {'.'.join(lacking)}"
        yield Fault(path=given, rival=lacking, what=what, fix="give both, or neither")


def _no_more(
    lower: SettingPath, low: float, upper: SettingPath, high: float, *, why: str = "it must not be longer"
) -> Iterator[Fault]:
    if low > high:
        name, other = ".".join(map(str, lower)), ".".join(map(str, upper))
        yield Fault(
            path=lower,
            rival=upper,
            what=f"{name} is {format_duration(low)}, and {other} is {format_duration(high)}: {why}",
            fix=f"lower {name} or raise {other}",
        )


def _twice(names: Sequence[str], place: Callable[[int], SettingPath]) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            here = place(index)
            what = f"{'.'.join(map(str, here))}: {name!r} is given twice"
            yield Fault(path=here, what=what, fix="give each a name of its own, or remove one")


def _bounds(policy: PolicySettings) -> Iterator[Fault]:
    for knob, own in policy.knobs.items():
        kind = kind_of(knob)
        for field in ("minimum", "maximum"):
            value = getattr(own, field)
            if value is None:
                continue
            here: SettingPath = ("policy", "knobs", knob, field)
            name = ".".join(map(str, here))
            if kind.is_whole and value != math.floor(value):
                fix = f"write {math.floor(value)} or {math.ceil(value)}"
                yield Fault(path=here, what=f"{name}: {value:g} is not a whole number", fix=fix)
            elif not kind.lowest <= value <= kind.highest:
                fix = f"write a value from {kind.lowest:g} to {kind.highest:g}"
                yield Fault(path=here, what=f"{name}: {value:g} is no value that {knob} can have", fix=fix)


def _ratios(settings: Settings) -> Iterator[Fault]:
    autonomy = settings.policy.autonomy
    if autonomy.lower_kept_ratio > autonomy.raise_kept_ratio:
        yield Fault(
            path=("policy", "autonomy", "lower_kept_ratio"),
            rival=("policy", "autonomy", "raise_kept_ratio"),
            what="policy.autonomy.lower_kept_ratio is above policy.autonomy.raise_kept_ratio",
            fix="swap them: a knob that is raised must not be lowered for the same record",
        )
    ranking = settings.policy.ranking
    chances = ("chance_low_risk", "chance_medium_risk", "chance_high_risk")
    for safer, riskier in itertools.pairwise(chances):
        if getattr(ranking, safer) < getattr(ranking, riskier):
            yield Fault(
                path=("policy", "ranking", riskier),
                rival=("policy", "ranking", safer),
                what=f"policy.ranking.{riskier} is above policy.ranking.{safer}",
                fix="swap them: more risk is less of a chance",
            )


def _guide(guide: GuideSettings) -> Iterator[Fault]:
    for group, low, high in (
        ("pool", "idle_ratio", "exhausted_ratio"),
        ("transaction", "age_ratio", "critical_age_ratio"),
    ):
        values = getattr(guide, group)
        if getattr(values, low) >= getattr(values, high):
            what = f"guide.{group}.{low} is not below guide.{group}.{high}"
            fix = "swap them, or give both another value"
            yield Fault(path=("guide", group, low), rival=("guide", group, high), what=what, fix=fix)
    for index, (tier, following) in enumerate(zip(guide.pool.tiers, guide.pool.tiers[1:], strict=False)):
        if tier.users >= following.users:
            here = ("guide", "pool", "tiers", index + 1, "users")
            what = f"{'.'.join(map(str, here))} is not above that of the tier before"
            yield Fault(path=here, what=what, fix="write the tiers by rising users")


def _pairs(settings: Settings) -> Iterator[Fault]:
    """What does nothing without another setting."""
    slack, notify = settings.slack, settings.notify
    for path, given, rival, other in (
        (("slack", "channel"), slack.channel, ("slack", "bot_token_file"), slack.bot_token_file),
        (("slack", "bot_token_file"), slack.bot_token_file, ("slack", "channel"), slack.channel),
        (("notify", "webhook_url"), notify.webhook_url, ("notify", "webhook_secret_file"), notify.webhook_secret_file),
        (("notify", "webhook_secret_file"), notify.webhook_secret_file, ("notify", "webhook_url"), notify.webhook_url),
    ):
        if given is not None and other is None:
            name, missing = ".".join(path), ".".join(rival)
            fix = f"set {missing}, or remove {name}"
            yield Fault(path=path, what=f"{name} is given, and {missing} is not", fix=fix)


def _gitops(settings: Settings) -> Iterator[Fault]:
    """A commit is on trial once the cluster shows it, so one must be read; and two ways to one value would fight."""
    kubernetes = settings.kubernetes
    here: SettingPath = ("kubernetes", "gitops", "repository")
    if kubernetes.gitops.repository is None:
        return
    if not kubernetes.reads_api:
        what = "kubernetes.gitops.repository is given, and no cluster is read that would show a commit"
        yield Fault(path=here, rival=("kubernetes", "enabled"), what=what, fix="set kubernetes.enabled or a context")
    if kubernetes.writing.enabled:
        what = "kubernetes.gitops.repository is given, and kubernetes.writing.enabled as well: one or the other"
        yield Fault(path=here, rival=("kubernetes", "writing", "enabled"), what=what, fix="turn writing off")


def _selection(settings: Settings) -> Iterator[Fault]:
    """Prometheus alone knows no labels of objects, unless kube-state-metrics was told to show some."""
    kubernetes = settings.kubernetes
    if kubernetes.selector is not None and kubernetes.usage.enabled is True and not kubernetes.reads_objects:
        yield Fault(
            path=("kubernetes", "selector"),
            rival=("kubernetes", "usage", "enabled"),
            what="kubernetes.selector is given, and only Prometheus is read, which knows no labels of workloads",
            fix="give --context or --manifests, or remove the selector",
        )

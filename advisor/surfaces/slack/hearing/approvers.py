"""Who may decide: people and user groups by team, as a user's id alone says nothing in a shared channel."""

import time
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from advisor.ports.clock import Clock
from advisor.surfaces.slack.hearing.roster import Roster
from advisor.surfaces.slack.sender import Api

PATIENCE_SECONDS = 0.5
"""A press must be answered within a second; a list that comes later is there for the next press."""
_FOR_GOOD = float("inf")
_TEAMS = 1000
"""The most that one page of auth.teams.list holds."""


class Standing(StrEnum):
    """What may be said of somebody who has pressed."""

    APPROVER = "approver"
    STRANGER = "stranger"
    UNKNOWN = "unknown"
    """Slack could not be asked in time: not let in now."""


class Approvers:
    """The list of the settings, each entry a user or a user group, behind a team and a slash or of the home.

    The home is where the advisor is installed: a workspace (T...), or an organisation (E...) with all its workspaces.
    """

    def __init__(
        self,
        entries: Sequence[str],
        team: str | None,
        api: Api,
        clock: Clock,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """team: the home, where entries without one belong; None: that of the bot's token, which Slack is asked."""
        self._patience_seconds = patience_seconds
        self._entries = [entry.rpartition("/") for entry in entries]
        self._home = team or ""
        self._places = Roster("home", lambda: {_place(api.call("auth.test", {}))}, clock, _FOR_GOOD)
        self._teams = Roster("teams", lambda: _teams(api), clock)
        groups = {name for _, _, name in self._entries if _is_group(name)}
        self._members = {name: _group(api, name, clock) for name in groups}

    @property
    def home(self) -> str:
        """ "" as long as Slack has not told."""
        return self._home or next(iter(self._places.items() or ()), "")

    def standing(self, user: str, team: str) -> Standing:
        """Of the user with this id who is at home in this team. Takes half a second at most, and mostly no time."""
        if self._knows(user, team):
            return Standing.APPROVER
        self.read_ahead()
        known = self._knows(user, team)
        if known is None:
            return Standing.UNKNOWN
        return Standing.APPROVER if known else Standing.STRANGER

    def describe(self) -> str:
        """Who may, without a name: "2 people and the members of S0TUNERS"."""
        people = sum(not _is_group(name) for _, _, name in self._entries)
        told = [f"{people} {'person' if people == 1 else 'people'}"] if people else []
        told += [f"the members of {', '.join(sorted(self._members))}"] if self._members else []
        return " and ".join(told) or "nobody"

    def is_home(self, team: str | None, enterprise: str | None) -> bool:
        """Whether something that happened there happened where the advisor is installed; before that is known, yes."""
        home = self.home
        if not home:
            return True
        if _is_organisation(home):
            return home in (enterprise, team)
        return team in (home, None)

    def _knows(self, user: str, team: str) -> bool | None:
        """Whether any entry means this user; None when one may, and that is not known now."""
        answers = [self._covers(place, name, user, team) for place, _, name in self._entries]
        if True in answers:
            return True
        return None if None in answers else False

    def _covers(self, place: str, name: str, user: str, team: str) -> bool | None:
        if not _is_group(name) and name != user:
            return False
        belongs = self._belongs(team, place or self.home)
        if not belongs:
            return belongs
        return self._members[name].holds(user) if _is_group(name) else True

    def _belongs(self, team: str, place: str) -> bool | None:
        if not place:
            return None
        if team == place:
            return True
        return self._teams.holds(team) if _is_organisation(place) else False

    def read_ahead(self) -> None:
        """All that may be needed of Slack. Takes half a second at most; what comes later is there for the next time."""
        until = time.monotonic() + self._patience_seconds
        wanted = [*self._members.values()] if self.home else [self._places, *self._members.values()]
        for done in [roster.refresh() for roster in wanted]:
            done.wait(max(0.0, until - time.monotonic()))
        if any(_is_organisation(place or self.home) for place, _, _ in self._entries):
            self._teams.refresh().wait(max(0.0, until - time.monotonic()))


def _is_group(name: str) -> bool:
    return name.startswith("S")


def _is_organisation(place: str) -> bool:
    return place.startswith("E")


def _group(api: Api, name: str, clock: Clock) -> Roster:
    def members() -> Collection[str]:
        return {str(user) for user in api.call_form("usergroups.users.list", {"usergroup": name}).get("users") or ()}

    return Roster(f"members of {name}", members, clock)


def _place(answer: Mapping[str, Any]) -> str:
    """The organisation where all of it was installed for, else the workspace."""
    is_whole = answer.get("is_enterprise_install") and answer.get("enterprise_id")
    return str(answer["enterprise_id"] if is_whole else answer.get("team_id") or "")


def _teams(api: Api) -> Collection[str]:
    answer = api.call_form("auth.teams.list", {"limit": _TEAMS})
    return {str(team.get("id")) for team in answer.get("teams") or ()}

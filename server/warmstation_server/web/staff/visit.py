"""A Visit: who asks, in which language, and what they may see. Every staff page is given one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import HTTPException
from fastapi.responses import RedirectResponse, Response

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import EVERYWHERE, Node, Tree, at_region, at_station
from warmstation_server.accounts.visitor import Visitor
from warmstation_server.places import Region, Retired, Station
from warmstation_server.web.languages import language_of, path_in
from warmstation_server.web.staff.form import Form
from warmstation_server.web.staff.navigation import NAVIGATION, room_of
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import Rendering
from warmstation_server.web.words import Words


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who was let in with the right that the page asks for.

    `tree`: the places as they were when the visit began. `form`: what was sent, empty with a GET.
    `query`: what a GET asked of the view, with its `?`.
    """

    visitor: Visitor
    path: str
    words: Words
    csrf: str
    form: Form
    now: datetime
    tree: Tree
    parts: StaffParts
    rendering: Rendering
    query: str = ""

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.visitor.person

    @property
    def language(self) -> str:
        """The tag of the page's language."""
        return self.words.language

    def may(self, right: Right) -> bool:
        """Whether to offer what needs another right than this page."""
        return right in self.visitor.rights

    def within(self, node: Node) -> bool:
        """Whether a place lies in the visitor's scope; False for one that does not exist."""
        return all(self.tree.is_within(node, scope) for scope in self.visitor.scopes)

    def sees(self, station: str) -> bool:
        """Whether this station lies (or lay, to its end) in the visitor's scope."""
        return self.within(at_station(station))

    def covers(self, region: str) -> bool:
        """Whether all of this region does."""
        return self.within(at_region(region))

    def station(self, station: str) -> Station:
        """The station; 404 for one that is not there and for one that is not theirs alike."""
        if station not in self.tree.stations or not self.sees(station):
            raise HTTPException(404)
        return self.tree.stations[station]

    def known(self, station: str) -> Station:
        """The same where a retired one is meant too: for the past."""
        if not self.sees(station):
            raise HTTPException(404)
        return self.tree.known(station)

    def region(self, region: str) -> Region:
        """The region; 404 as for stations."""
        if not self.covers(region):
            raise HTTPException(404)
        return self.tree.regions[region]

    def stations(self) -> Iterator[Station]:
        """All stations that the visitor sees, by id."""
        found = self.tree.stations
        return (found[name] for name in sorted(found) if self.sees(name))

    def retired(self) -> Iterator[Retired]:
        """All that are stations no more, and were the visitor's, by id."""
        found = self.tree.retired
        return (found[name] for name in sorted(found) if self.sees(name))

    def entry(
        self,
        action: str,
        subject: str,
        before: Any = None,
        after: Any = None,
        *,
        place: Node = EVERYWHERE,
        places: tuple[Node, ...] = (),
    ) -> Entry:
        """A line for the audit log, to be kept in the transaction of the write itself.

        Who sees the place (or all of the places) may read it.
        """
        where = places or (place,)
        return Entry(self.now, self.person.login, action, subject, before, after, where)

    def audit(
        self,
        action: str,
        subject: str,
        before: Any = None,
        after: Any = None,
        *,
        place: Node = EVERYWHERE,
        places: tuple[Node, ...] = (),
    ) -> None:
        """Keep a line by itself, where the write is not in the registry."""
        entry = self.entry(action, subject, before, after, place=place, places=places)
        self.parts.registry.audit.add(entry)

    def page(self, template: str, *, status: int = 200, place: str = "", **facts: Any) -> Response:
        """A template below templates/ with these facts and what every staff page has.

        `place`: where the page is to be found, when a form was answered at another address. `said`
        in a template: the form that was refused (`wrong` says why), empty where none was.
        """
        rooms = [room for room in NAVIGATION if self.may(room.right)]
        given = {"visit": self, "csrf": self.csrf, "now": self.now, "rooms": rooms}
        given |= {"said": self.form if facts.get("wrong") else Form()}
        given |= {"room": room_of(self.here), **facts}
        path = path_in(self.language, place) if place else self.path
        query = self.query if path == self.path else ""
        return self.rendering.page(path, template, given, self.now, self.words, status, query)

    def go(self, place: str) -> Response:
        """After a form: see there (a path without language) with a GET."""
        return RedirectResponse(path_in(self.language, place), 303)

    @property
    def here(self) -> str:
        """The path without its language."""
        return language_of(self.path)[1]

"""One station as it is watched: all parts that judge its reports, and what has been told."""

from __future__ import annotations

from typing import Any

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.chargers import Chargers, dangers
from warmstation_server.conditions.health import Health
from warmstation_server.conditions.heating import PREFIX, Heating
from warmstation_server.conditions.link import Link
from warmstation_server.conditions.moments import OLD_S, Moment, Order
from warmstation_server.conditions.opening import Opening
from warmstation_server.conditions.pace import Pace
from warmstation_server.conditions.place import Place
from warmstation_server.conditions.standing import Standing
from warmstation_server.conditions.supplies import Supplies
from warmstation_server.history import Received
from warmstation_server.history.said import said
from warmstation_server.places import Station

OF_THE_LINK = frozenset({"station.offline", "station.flapping_link"})
"""What is known even without data."""


class Watched:
    """Takes one station's reports in, gives its news out."""

    __slots__ = (
        "chargers",
        "health",
        "heating",
        "link",
        "opening",
        "order",
        "pace",
        "place",
        "since_s",
        "standing",
        "supplies",
    )

    def __init__(self, station: Station) -> None:
        self.place = Place(station)
        self.since_s = 0.0
        """Event time of the first report that was learned from."""
        self.standing = Standing(station.id)
        self.order = Order()
        self.pace = Pace()
        self.link = Link()
        self.health = Health()
        self.opening = Opening()
        self.chargers = Chargers()
        self.supplies = Supplies()
        self.heating = Heating()

    def after(
        self, received: Received, listening_s: float, newest_agent: tuple[int, ...] | None
    ) -> None:
        """One report, whenever it comes."""
        moment = self.order.after(received, clock_is_wrong=self._is_clock_wrong())
        if moment is None:
            return
        if moment.is_late:
            self._tell_past(received, moment)
            return
        standing = self.standing
        if self.link.is_offline or standing.is_late != moment.is_old:
            self._forget_judgements()
        standing.is_late = moment.is_old
        if not moment.is_old:
            self.link.after(self.order.received_s, listening_s, standing)
        elif not self.link.heard_s:
            self.link.heard_s = self.order.received_s  # silence after a first backlog is silence
        if not self.pace.is_due(received, moment.at_s):
            return
        at_s, place, says = moment.at_s, self.place, said(received)
        self.since_s = self.since_s or at_s
        place.at(at_s)
        self.chargers.after(says, at_s, standing)
        self.health.after(received, says, at_s, newest_agent, standing)
        self.opening.after(says, at_s, place, standing)
        self.supplies.after(says, at_s, place, standing)
        self.heating.after(says, at_s, place, standing)

    def repeats(self, received: Received, listening_s: float) -> bool:
        """Take in what only says again what was judged a moment ago; False where it is more.

        Doors, people and sockets make reports come several times a second: `after` would do just
        this with them, at three times the cost.
        """
        order, pace, stream, seq = self.order, self.pace, received.stream, received.seq
        seqs = order.seqs
        if not pace.is_calm or len(seqs) != 1 or seqs.get(stream) != seq - 1:
            return False
        received_s = received.received_at.timestamp()
        at_s = received.measured_us / 1e6
        if at_s > received_s:
            at_s = received_s
        if received_s - at_s > OLD_S or not pace.is_calm_repeat(received, at_s):
            return False
        if self.link.is_offline or self.standing.is_late or self._is_clock_wrong():
            return False
        seqs[stream] = seq
        if at_s > order.at_s:
            order.at_s = at_s
        if received_s > order.received_s:
            order.received_s = received_s
        self.link.after(order.received_s, listening_s, self.standing)
        return True

    def ahead(self, received: Received) -> None:
        """Tell what is dangerous in a report that may have to wait for one before it."""
        at_s = self.order.event_time(received, clock_is_wrong=self._is_clock_wrong())
        is_old = received.received_at.timestamp() - at_s > OLD_S
        if is_old or at_s <= self.order.at_s:
            return  # of the past: `after` knows what to do with it
        for name, subject in dangers(received):
            self.standing.say(name, True, at_s, subject=subject)

    def due(self, now_s: float, listening_s: float) -> float:
        """Judge silence; when to do so next."""
        link = self.link
        if not link.heard_s:
            return now_s + 3600.0
        offline_s = link.offline_at(listening_s)
        if now_s < offline_s:
            return offline_s
        self.standing.is_late = False
        if not link.is_offline:
            self.standing.blank(now_s, OF_THE_LINK)
        link.silent(now_s, self.standing)
        return now_s + 300.0

    def set_back(self, now_s: float) -> None:
        """The server's clock was ahead when some of this came."""
        self.order.received_s = min(self.order.received_s, now_s)
        self.link.set_back(now_s)

    def take(self) -> list[Condition]:
        """The news."""
        return self.standing.take()

    def promised(self, station: Station) -> None:
        """The registry says something new about it."""
        if station is not self.place.station:
            self.place = Place(station)

    @property
    def learns_since_s(self) -> float:
        """The youngest of what has to learn for days."""
        return max(self.since_s, self.heating.since_s)

    def adopt(self, learned: Watched) -> None:
        """Know what another watch of the same station knows, that has listened for longer.

        It has taken the same reports. What holds by its knowledge is told with the next report.
        """
        is_older = learned.since_s < self.since_s
        if is_older:
            self.since_s, self.order, self.health = learned.since_s, learned.order, learned.health
            self.opening, self.chargers = learned.opening, learned.chargers
            self.supplies = learned.supplies
        self.heating = learned.heating
        names = "" if is_older else PREFIX
        self.standing.adopt(learned.standing, self.order.at_s, names, OF_THE_LINK)
        self._forget_judgements()

    def _is_clock_wrong(self) -> bool:
        return self.standing.holds("station.clock") is True

    def _tell_past(self, received: Received, moment: Moment) -> None:
        for name, subject in dangers(received):
            self.standing.say_past(name, moment.at_s, subject)

    def _forget_judgements(self) -> None:
        self.pace.forget()
        self.chargers.forget_judgements()
        self.supplies.forget_judgements()
        self.health.version = ""

    def saved(self) -> list[Any]:
        """As JSON values; take the news first."""
        order = self.order
        return [
            self.standing.saved(),
            [order.seqs, order.at_s, order.received_s],
            self.link.saved(),
            self.health.saved(),
            self.opening.saved(),
            self.chargers.saved(),
            self.supplies.saved(),
            self.heating.saved(),
            self.since_s,
        ]

    @classmethod
    def resumed(cls, station: Station, rows: list[Any]) -> Watched:
        """From what `saved` gave."""
        watched = cls(station)
        told, order, link, health, opening, chargers, supplies, heating, watched.since_s = rows
        watched.standing.resume(told)
        watched.order = Order(*order)
        watched.link = Link(*link)
        watched.health = Health.resumed(health)
        watched.opening = Opening(*opening)
        watched.chargers = Chargers.resumed(chargers)
        watched.supplies = Supplies.resumed(supplies)
        watched.heating = Heating.resumed(heating)
        return watched

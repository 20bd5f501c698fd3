"""The door and the people who pass it: beams, door contact, presence -> wire Door and People."""

from __future__ import annotations

from collections.abc import Iterator

from warmstation_edge.counters import Counters
from warmstation_edge.people import (
    Edge,
    PeopleState,
    after_edge,
    after_presence,
    after_time,
    zeroed,
)
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_wire import Door, Fault, People

PRESENCE_HOLDS_S = 60.0
"""Who reads quietly is not seen for a while; a room is empty after a minute without a sign."""
RESTART_DOUBT = 1.0
"""Persons: who came or went while nobody counted is not known."""
SEEN_TOO_LONG_S = 12 * 3600.0
"""A sensor that sees somebody for half a day without a break, while nobody passes, is stuck."""
_DOORS = {state: Door(open=state) for state in (True, False, None)}


class Doorway:
    """Turned by the sampler; keeps the count."""

    def __init__(self, sensors: Sensors, counters: Counters) -> None:
        self._sensors = sensors
        self.people = PeopleState(
            entered=counters.entered,
            left=counters.left,
            inside=counters.inside,
            doubt=counters.doubt + RESTART_DOUBT,
        )
        self._door: Reading[bool] | None = None
        self._presence: Reading[bool] | None = None
        self._seen_since: float | None = None
        self._seen_at: float | None = None
        self._is_absent = self._is_blocked = False
        self._told: tuple[PeopleState, bool | None, Missing | None] | None = None
        self._on_wire: People | None = None

    def turn(self, now: float) -> None:
        """Count the edges since the last turn and look at both contacts."""
        sensors = self._sensors
        if sensors.beams is not None:
            self._count(sensors.beams.drain(now), now)
        if sensors.door is not None:
            self._door = sensors.door.read(now)
        if sensors.presence is not None:
            self._presence = self._believed(sensors.presence.read(now), now)
        if sensors.beams is not None:
            self.people = after_presence(self.people, self.present(now), now)

    def zero(self) -> None:
        """Somebody looked: nobody is inside."""
        self.people = zeroed(self.people)

    def present(self, now: float) -> bool | None:
        """Whether somebody was seen within the last minute; None where nothing looks."""
        if self._presence is None or self._presence.value is None:
            return None
        return self._seen_at is not None and now - self._seen_at <= PRESENCE_HOLDS_S

    def door(self) -> Door | None:
        """The wire's door; None where there is no contact."""
        return None if self._door is None else _DOORS[self._door.value]

    def on_wire(self, now: float) -> People | None:
        """The wire's people; how many are inside is unknown while a beam fails."""
        present = self.present(now)
        if self._sensors.beams is None:
            return None if self._presence is None else People(present=present)
        told = (self.people, present, self._fault())
        if self._on_wire is None or self._told != told:
            self._told, self._on_wire = told, _people(*told)
        return self._on_wire

    def faults(self) -> Iterator[Fault]:
        """What of the door and its presence sensor gives no value."""
        fault = self._fault()
        if fault is not None:
            yield Fault(sensor="door", reason=fault.value)
        for name, reading in (("door", self._door), ("presence", self._presence)):
            if reading is not None and reading.missing is not None:
                yield Fault(sensor=name, reason=reading.missing.value)

    def counted(self, counters: Counters) -> Counters:
        """The counters with this door's counts in them."""
        state = self.people
        return counters.model_copy(
            update={
                "entered": state.entered,
                "left": state.left,
                "inside": state.inside,
                "doubt": round(state.doubt, 4),
            }
        )

    def _count(self, edges: list[Edge] | None, now: float) -> None:
        self._is_absent = edges is None
        for edge in edges or ():
            self.people = after_edge(self.people, edge)
        self.people = after_time(self.people, now)
        self._is_blocked = self.people.is_blocked(now)

    def _fault(self) -> Missing | None:
        if self._is_absent:
            return Missing.ABSENT
        if self._is_blocked:
            return Missing.BLOCKED
        return Missing.STUCK if self.people.is_one_eyed else None

    def _believed(self, presence: Reading[bool], now: float) -> Reading[bool]:
        if not presence.value:
            self._seen_since = None
            return presence
        self._seen_at = now
        if self._seen_since is None:
            self._seen_since = now
        since = max(self._seen_since, self.people.crossed_at or self._seen_since)
        return presence if now - since < SEEN_TOO_LONG_S else Reading.without(Missing.STUCK)


def _people(state: PeopleState, present: bool | None, fault: Missing | None) -> People:
    if fault is not None:
        return People(entered=state.entered, left=state.left, present=present)
    return People(
        inside=min(state.inside, 10_000),
        entered=state.entered,
        left=state.left,
        confidence=round(state.confidence, 2),
        present=present,
    )

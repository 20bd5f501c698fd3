"""The door and the people who pass it: beams, door contact, presence -> wire Door and People."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from warmstation_edge.counters import Counters
from warmstation_edge.faults import told
from warmstation_edge.people import (
    Edge,
    PeopleState,
    after_edge,
    after_presence,
    after_time,
    zeroed,
)
from warmstation_edge.presence import Watcher, agreed, zero_after_s
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_edge.shadows import APART_M
from warmstation_wire import Door, Fault, People, Zeroing
from warmstation_wire.report import ZeroedBy

_log = logging.getLogger(__name__)
RESTART_DOUBT = 1.0
"""Persons: who came or went while nobody counted is not known."""
_MOST = 10_000
_DOORS = {state: Door(open=state) for state in (True, False, None)}


class Doorway:
    """Turned by the sampler; keeps the count. `kinds` are those of the presence sensors."""

    def __init__(
        self,
        sensors: Sensors,
        counters: Counters,
        kinds: tuple[str, ...] = ("radar",),
        apart_m: float = APART_M,
    ) -> None:
        self._sensors = sensors
        self.people = PeopleState(
            entered=counters.entered,
            left=counters.left,
            inside=counters.inside,
            doubt=counters.doubt + RESTART_DOUBT,
            apart_m=apart_m,
        )
        named = {"presence": sensors.presence, "presence.second": sensors.second_presence}
        self._watchers = [Watcher(name, sensor) for name, sensor in named.items() if sensor]
        self._zero_after_s = zero_after_s(kinds)
        self._zeroing: Zeroing | None = None
        self._door: Reading[bool] | None = None
        self._is_absent = self._is_blocked = False
        self._told: object = None
        self._on_wire: People | None = None

    def turn(self, now: float) -> None:
        """Count the edges since the last turn and look at the contacts."""
        sensors = self._sensors
        if sensors.beams is not None:
            self._count(sensors.beams.drain(now), now)
        if sensors.door is not None:
            self._door = sensors.door.read(now)
        for watcher in self._watchers:
            watcher.turn(now, self.people.crossed_at)
        if sensors.beams is not None:
            present = self.present(now)
            self._become(after_presence(self.people, present, now, self._zero_after_s), "presence")

    def zero(self, by: ZeroedBy) -> None:
        """Somebody looked: nobody is inside. That they looked is told even where it was known."""
        self._become(zeroed(self.people), by, is_certain=True)

    def reported(self) -> None:
        """A report has told what happened."""
        self._zeroing = None

    def present(self, now: float) -> bool | None:
        """Whether somebody was seen within the last minute; None where nobody can tell."""
        return agreed(watcher.sees(now) for watcher in self._watchers)

    def door(self) -> Door | None:
        """The wire's door; None where there is no contact."""
        return None if self._door is None else _DOORS[self._door.value]

    def on_wire(self, now: float) -> People | None:
        """The wire's people; how many are inside is unknown while a beam fails."""
        present = self.present(now)
        if self._sensors.beams is None:
            return People(present=present) if self._watchers else None
        told = (self.people, present, self._fault(), self._zeroing)
        if self._on_wire is None or self._told != told:
            self._told, self._on_wire = told, _people(*told)
        return self._on_wire

    def faults(self) -> Iterator[Fault]:
        """What of the door and its presence sensors gives no value."""
        fault = self._fault()
        if fault is not None:
            yield Fault(sensor="door", reason=fault.value)
        yield from told("door", self._door)
        for watcher in self._watchers:
            yield from told(watcher.name, watcher.reading)

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

    def _become(self, state: PeopleState, by: ZeroedBy, is_certain: bool = False) -> None:
        was, self.people = self.people, state
        if is_certain or (was.doubt > 0 and state.doubt == 0):
            self._zeroing = _together(self._zeroing, by, was.inside)
            _log.info("the count is zeroed by %s; %d were counted inside", by, was.inside)

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


def _together(untold: Zeroing | None, by: ZeroedBy, counted: int) -> Zeroing:
    """What the next report tells of this zeroing and of one before it that no report has told."""
    if untold is None:
        return Zeroing(by=by, counted=min(counted, _MOST))
    both = min(untold.counted + counted, _MOST)
    return Zeroing(by=by if counted else untold.by, counted=both)


def _people(
    state: PeopleState, present: bool | None, fault: Missing | None, zeroing: Zeroing | None
) -> People:
    counts = {"entered": state.entered, "left": state.left}
    if fault is not None:
        return People(**counts, present=present, zeroed=zeroing)
    return People(
        **counts,
        inside=min(state.inside, _MOST),
        confidence=round(state.confidence, 2),
        present=present,
        zeroed=zeroing,
    )

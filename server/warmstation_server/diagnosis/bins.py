"""Minutes gathered into a bin of the room's model; for `room` only.

The mean of a bin is moved by what came early in it and late in the bin before. So what flows in
(heat, asked heat, passages) is summed up and averaged over the bin exactly as the temperature is:
the difference of two such means is what the difference of two mean temperatures has felt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from warmstation_server.diagnosis.sample import Minute


class Bin(NamedTuple):
    """Means of about three minutes; `heat`, `asked` and `doors` a minute, as they were felt."""

    minutes: float
    room: float
    outdoor: float | None
    heat: float
    asked: float
    doors: float


@dataclass(slots=True)
class Gathered:
    """Sums of the bin that is being filled. `..._in`: what came in so far, `..._sum`: its sum over
    the minutes, `..._late`: what of the last bin's is still to be felt."""

    minutes: float = 0.0
    room: float = 0.0
    outdoor: float = 0.0
    outdoor_min: float = 0.0
    heat_in: float = 0.0
    heat_sum: float = 0.0
    heat_late: float = 0.0
    asked_in: float = 0.0
    asked_sum: float = 0.0
    asked_late: float = 0.0
    doors_in: float = 0.0
    doors_sum: float = 0.0
    doors_late: float = 0.0

    def add(self, minute: Minute, heat: float, asked: float) -> None:
        """Adds a minute; heat and passages count though the room's own value was missed."""
        length = minute.length_min
        self.heat_in += heat * length
        self.asked_in += asked * length
        if minute.doors is not None:
            self.doors_in += minute.doors
        if minute.outdoor is not None:
            self.outdoor += minute.outdoor * length
            self.outdoor_min += length
        if minute.room is None:
            return
        self.minutes += length
        self.room += minute.room * length
        self.heat_sum += self.heat_in * length
        self.asked_sum += self.asked_in * length
        self.doors_sum += self.doors_in * length

    def closed(self) -> Bin:
        """The bin so far; a new one begins."""
        total = self.minutes
        heat, asked, doors = self.heat_sum / total, self.asked_sum / total, self.doors_sum / total
        closed = Bin(
            minutes=total,
            room=self.room / total,
            outdoor=self.outdoor / self.outdoor_min if self.outdoor_min else None,
            heat=(self.heat_late + heat) / total,
            asked=(self.asked_late + asked) / total,
            doors=(self.doors_late + doors) / total,
        )
        self.heat_late = self.heat_in - heat
        self.asked_late = self.asked_in - asked
        self.doors_late = self.doors_in - doors
        self.empty()
        return closed

    def empty(self) -> None:
        """Begins a bin; what is late stays."""
        self.minutes = self.room = self.outdoor = self.outdoor_min = 0.0
        self.heat_in = self.heat_sum = self.asked_in = self.asked_sum = 0.0
        self.doors_in = self.doors_sum = 0.0

    def lose(self) -> None:
        """Begins anew after a gap."""
        self.empty()
        self.heat_late = self.asked_late = self.doors_late = 0.0

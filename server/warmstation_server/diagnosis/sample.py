"""What a station measured at one moment, and the minute that the links of the chain look at."""

from __future__ import annotations

from dataclasses import dataclass

APART_MIN = 2.0  # samples so far apart do not follow a thermostat's switchings


@dataclass(slots=True)
class Sample:
    """One report's measurements; None = not measured. Nobody changes it.

    Frozen, it would take five times as long to make, a twentieth of all that a report costs here.

    `at_s`: seconds (any epoch; local midnight at multiples of 86,400 unless the configuration
    has an offset). `heater_on`: 0..1, heat is called for. `door_count`: passages since the last.
    `door_open`: what the door's contact says, 0..1.
    """

    at_s: float
    room_c: float | None = None
    outlet_c: float | None = None
    outdoor_c: float | None = None
    heater_on: float | None = None
    heater_w: float | None = None
    door_count: float | None = None
    door_open: float | None = None


@dataclass(slots=True)
class Minute:
    """Means of the valid samples of about a minute, in heating direction.

    Temperatures are negated in cooling mode, so that every link only knows heating.
    `excess_k`: outlet minus room. `length_min`: time since the minute before. `regime`: 0 open, 1
    closed, None in the hours before opening in which the set point may change any time.
    `door_open`: share of the minute that the door's contact says open. `call_is_outlets`: nobody
    told the call, it is what the outlet's warmth shows.
    """

    at_s: float
    length_min: float
    room: float | None
    excess_k: float | None
    outdoor: float | None
    call: float | None
    watts: float | None
    doors: float | None
    is_open: bool
    is_gap: bool
    regime: int | None = 0
    door_open: float | None = None
    call_is_outlets: bool = False

    @property
    def is_mixed(self) -> bool:
        """Whether it is long, and heat was called for in a part of it: nobody knows in which, and
        the outlet's temperature is of its end."""
        return self.length_min >= APART_MIN and 0.05 < (self.call or 0.0) < 0.95


@dataclass(slots=True)
class Gathering:
    """Sums of samples until a minute is full."""

    begun_s: float = 0.0
    room: float = 0.0
    rooms: int = 0
    outlet: float = 0.0
    outlets: int = 0
    call: float = 0.0
    calls: int = 0
    watts: float = 0.0
    wattings: int = 0
    doors: float = 0.0
    doorings: int = 0
    opens: float = 0.0
    openings: int = 0

    def add(self, room: float | None, outlet: float | None, sample: Sample) -> None:
        """Adds one sample; `room` and `outlet` are what sanity left of them."""
        if room is not None:
            self.room += room
            self.rooms += 1
        if outlet is not None:
            self.outlet += outlet
            self.outlets += 1
        if sample.heater_on is not None:
            self.call += min(1.0, max(0.0, sample.heater_on))
            self.calls += 1
        if sample.heater_w is not None:
            self.watts += sample.heater_w
            self.wattings += 1
        if sample.door_count is not None:
            self.doors += sample.door_count
            self.doorings += 1
        if sample.door_open is not None:
            self.opens += sample.door_open
            self.openings += 1

    def closed(self, at_s: float, *, sign: float, outdoor: float | None, is_open: bool) -> Minute:
        """The minute gathered so far; gathering begins anew."""
        room = self.room / self.rooms if self.rooms else None
        excess = None
        if room is not None and self.outlets:
            excess = sign * (self.outlet / self.outlets - room)
        minute = Minute(
            at_s=at_s,
            length_min=(at_s - self.begun_s) / 60.0,
            room=None if room is None else sign * room,
            excess_k=excess,
            outdoor=None if outdoor is None else sign * outdoor,
            call=self.call / self.calls if self.calls else None,
            watts=self.watts / self.wattings if self.wattings else None,
            doors=self.doors if self.doorings else None,
            is_open=is_open,
            is_gap=False,
            door_open=self.opens / self.openings if self.openings else None,
        )
        self.room = self.outlet = self.call = self.watts = self.doors = self.opens = 0.0
        self.rooms = self.outlets = self.calls = self.wattings = self.doorings = self.openings = 0
        self.begun_s = at_s
        return minute

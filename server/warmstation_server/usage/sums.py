"""What a station's day adds up to, by name. Whole numbers, so that any order gives the same."""

from __future__ import annotations

from typing import NamedTuple

from warmstation_server.usage.lanes import lanes

ROOM_OFFSET_MC = 100_000
"""Room temperatures are added up as milli-kelvins above -100 °C: lanes know no minus."""


class Sums(NamedTuple):
    """Sums over stations and days. `*_ms`: milliseconds; `*_mwh`: milliwatt hours.

    `days`: station-days since each station's first report. `elapsed_ms`: how long they were.
    `posted_ms`: of these, within posted hours; `open_ms`, `closed_ms`: of these, seen to be open or
    seen to be closed (see `kept`); the rest nobody knows. `open_days`: with any posted hour;
    `good_days`: of these, with at least 90 % of the posted time counted, with `good_visits`.
    `seat_*`: in hours with a posted minute. `charger_posted_ms`: as many as were promised.
    `metered_*`: of days on which power and visits were both measured.
    """

    days: int = 0
    elapsed_ms: int = 0
    posted_ms: int = 0
    open_ms: int = 0
    closed_ms: int = 0
    open_days: int = 0
    good_days: int = 0
    good_visits: int = 0
    reports: int = 0
    measured_ms: int = 0
    visits: int = 0
    exits: int = 0
    counter_ms: int = 0
    people_ms: int = 0
    people_measured_ms: int = 0
    seat_people_ms: int = 0
    seat_ms: int = 0
    full_ms: int = 0
    full_known_ms: int = 0
    watched_ms: int = 0
    temp_ms: int = 0
    warm_ms: int = 0
    target_ms: int = 0
    room_mk_s: int = 0
    heater_mwh: int = 0
    heater_ms: int = 0
    in_use_ms: int = 0
    serviceable_ms: int = 0
    charger_ms: int = 0
    charger_posted_ms: int = 0
    charger_mwh: int = 0
    sessions: int = 0
    shelf_ms: int = 0
    shelf_posted_ms: int = 0
    empty_ms: int = 0
    metered_mwh: int = 0
    metered_visits: int = 0

    @classmethod
    def of(cls, total: int) -> Sums:
        """The sums of an integer of lanes."""
        return cls(*lanes(total, len(cls._fields)))

    @property
    def unknown_ms(self) -> int:
        """Posted time of which nobody knows whether it was kept."""
        return self.posted_ms - self.open_ms - self.closed_ms

    @property
    def room_c(self) -> float | None:
        """The mean room temperature while open, °C."""
        if not self.temp_ms:
            return None
        return self.room_mk_s / self.temp_ms - ROOM_OFFSET_MC / 1000


COUNT = len(Sums._fields)

"""The time series of every station: what was measured, when, and what use it adds up to.

`History` is the Protocol that every storage implements and one test suite checks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from warmstation_server.history.received import Received as Received

HOLD = timedelta(minutes=5)
"""How long a measured value stands for the time after it, at most; the rest is unmeasured."""


@dataclass(frozen=True, slots=True)
class Point:
    """A station over one window (or at one moment, where no window was asked for).

    Means of what was measured, None where nothing was. Temperatures in °C, power in W.
    `people` is the mean, `people_max` the most; `entered` counts inward crossings in the window.
    Means are over reports, not over time; for sums that survive an audit take `usage`.
    """

    at: datetime
    room_c: float | None
    outlet_c: float | None
    outdoor_c: float | None
    heater_w: float | None
    heating_share: float | None
    people: float | None
    people_max: int | None
    entered: int | None
    chargers_in_use: float | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a station (or several) did in one bucket; sums, so that buckets and stations add up.

    All `*_s` are seconds of the bucket. A second counts for a measure only while the value it
    needs was measured (at most HOLD old): divide by the matching `*_measured_s`, never by the
    bucket. `visits` = inward crossings, `exits` = outward ones. `people_max` is of the reports
    measured in the bucket. `temp_measured_s`, `warm_s` (>= 18 °C), `target_s` and `room_c_s`
    (°C times seconds) count only while the station is open, where its hours are known.
    `charger_*_s` add up over chargers: charging, charging or available, and any known state;
    `sessions` are changes to charging. `signs` counts reports with a door open or somebody present,
    `watched_s` the time in which a door, beam or presence sensor would have shown somebody; both,
    and `shelf_s` and `empty_s` (added up over supplies), in posted hours only. `counter_s`: inward
    crossings were counted. `full_s`: as many people as seats. `heater_measured_s`: power was known.
    """

    start: datetime
    reports: int = 0
    measured_s: float = 0.0
    visits: int = 0
    exits: int = 0
    people_s: float = 0.0
    people_measured_s: float = 0.0
    people_max: int | None = None
    temp_measured_s: float = 0.0
    warm_s: float = 0.0
    target_s: float = 0.0
    room_c_s: float = 0.0
    heater_wh: float = 0.0
    charger_in_use_s: float = 0.0
    charger_serviceable_s: float = 0.0
    charger_wh: float = 0.0
    signs: int = 0
    watched_s: float = 0.0
    counter_s: float = 0.0
    full_s: float = 0.0
    heater_measured_s: float = 0.0
    charger_known_s: float = 0.0
    sessions: int = 0
    shelf_s: float = 0.0
    empty_s: float = 0.0

    @property
    def full_measured_s(self) -> float:
        """For how long it was known whether every seat was taken.

        What layout 1 of the history added up knows nothing of it, nor of all that came with it.
        """
        since = (self.signs, self.watched_s, self.counter_s, self.heater_measured_s, self.shelf_s)
        is_later = any((*since, self.full_s, self.charger_known_s, self.sessions))
        return self.people_measured_s if is_later else 0.0


Step = Literal["quarter", "hour", "day"]
Meanwhile = Callable[[], bool]
"""One step of other work, of some milliseconds; False where none was left."""


def idle() -> bool:
    """Nothing to do meanwhile."""
    return False


class History(Protocol):
    """Stores reports for good and answers questions about them.

    Identity of a report is (station, stream, seq). Every method may raise HistoryAway where the
    storage cannot be reached or written now; nothing of that call counts as stored then.
    """

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        """Commit a batch durably; returns those not stored before.

        PartlyRefused where all is stored but some that the storage will never take. `meanwhile`
        may be called, by this thread, while the storage is at work; it appends nothing.
        """
        ...

    def latest(self) -> Iterator[Received]:
        """The newest report of every station: the highest seq of the stream first heard last.

        Not the newest `measured_at`: a station whose clock was wrong for an hour would hide
        behind it. Each exactly as received; it outlives `expire`.
        """
        ...

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None = None
    ) -> list[Point]:
        """A station's points, start <= at < end, rising; windows without a report are left out.

        Windows are counted from `start`, `at` is where one begins. `entered` of the first report
        in sight is None, unless one of its stream was measured in the hour before `start`.
        """
        ...

    def usage(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, list[Usage]]:
        """Usage of each station by bucket, rising; buckets with nothing measured are left out.

        `day` buckets start at midnight of the deployment's zone, the others in UTC. A bucket
        counts where start <= its own start < end. The newest report stands for HOLD already.
        """
        ...

    def total(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> list[Usage]:
        """Usage of these stations added up; `people_max` is the most in any one of them."""
        ...

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """A station's reports with start <= measured_at < end, rising by (measured_at, seq)."""
        ...

    def expire(self, before: datetime) -> int:
        """Forget some of the reports measured before this moment, keep their usage; how many.

        0 where none is left: to call it until then forgets all, and nothing else waits long.
        A report that comes later and is older still counts in usage, but is not kept either.
        Times before 2020 are of a clock that was never set (see `retention`): those reports stay.
        """
        ...

    def close(self) -> None:
        """Write what is open and let go of the storage."""
        ...

"""Everything that a page or an export shows of a period, made once. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from warmstation_server.places import Region, Station, Text
from warmstation_server.usage.broken import Broken
from warmstation_server.usage.groups import Group
from warmstation_server.usage.heat import Cell, Heat
from warmstation_server.usage.metric import BY_KEY, Figure, Metric, figure, figures
from warmstation_server.usage.period import Period
from warmstation_server.usage.recorded import answered, consumed
from warmstation_server.usage.response import Alarm, Response
from warmstation_server.usage.shares import Share
from warmstation_server.usage.sums import Sums
from warmstation_server.usage.supplied import Consumed
from warmstation_server.visits import VisitMethod


class Line(NamedTuple):
    """A group with what its stations add up to."""

    group: Group
    sums: Sums
    response: Response

    @property
    def figures(self) -> dict[str, Figure]:
        """Its figures."""
        return figures(self.sums) | answered(self.response, self.sums)

    def figure(self, key: str) -> Figure:
        """One of them."""
        metric = BY_KEY.get(key)
        return (
            answered(self.response, self.sums)[key] if metric is None else figure(metric, self.sums)
        )


class Step(NamedTuple):
    """A point of the trend: from `first` to `last`, both included."""

    first: date
    last: date
    sums: Sums


@dataclass(frozen=True, slots=True)
class Before:
    """Another period, to compare with. `peak`: its busiest hour, None = never measured.

    `is_whole`: stations were counted from its first day on. Else its totals are those of fewer
    days, and it is not said that there was less. `is_half`: at least from its middle on. Else
    nothing that was measured is compared with those few days.
    """

    sums: Sums
    response: Response
    items: Sequence[Consumed]
    peak: Cell | None
    is_whole: bool = True
    is_half: bool = True

    @property
    def figures(self) -> dict[str, Figure]:
        """The figures of everything together, then."""
        measured = {
            key: one if self._says(one.metric) else replace(one, value=None)
            for key, one in figures(self.sums).items()
        }
        return measured | answered(self.response, self.sums) | consumed(self.items, self.sums)

    def _says(self, metric: Metric) -> bool:
        return self.is_whole or (self.is_half and not metric.is_total)


@dataclass(frozen=True, slots=True)
class Answer:
    """`previous`, `last_year`: for 环比 and 同比. `counted_at`: how fresh; None = never counted.

    `counts`: visits by each other method than the sensor's, never added to those. `is_supplied`:
    else the ledger of supplies is still being added up, and what was used is unknown.
    `is_finished`: else its last day is not over, or days of it may still change.
    """

    period: Period
    regions: Mapping[str, Region]
    stations: Sequence[Station]
    sums: Sums
    previous: Before
    last_year: Before
    by_station: Mapping[str, Sums]
    regional: Sequence[Line]
    level: str | None
    hosts: Sequence[Line]
    single: Sequence[Line]
    heat: Heat
    trend: Sequence[Step]
    broken: Sequence[Broken]
    alarms: Sequence[Alarm]
    response: Response
    items: Sequence[Consumed]
    donors: Sequence[Consumed]
    counts: Mapping[VisitMethod, int]
    count_heat: Mapping[VisitMethod, Heat]
    counted_at: datetime | None
    waiting_days: int
    is_supplied: bool = True
    is_finished: bool = True

    @property
    def figures(self) -> dict[str, Figure]:
        """The figures of everything together."""
        return Before(self.sums, self.response, self.items, self.heat.peak).figures

    @property
    def previous_figures(self) -> dict[str, Figure]:
        """The same for 环比."""
        return self.previous.figures

    @property
    def last_year_figures(self) -> dict[str, Figure]:
        """The same for 同比."""
        return self.last_year.figures

    @property
    def whole(self) -> Line:
        """All stations as one line of a table."""
        every = tuple(one.id for one in self.stations)
        return Line(
            Group("region", "", Text("合计", "Total"), Share(every)), self.sums, self.response
        )

    @property
    def is_simulated(self) -> bool:
        """Whether any of it was made up."""
        return any(one.is_simulated for one in self.stations)

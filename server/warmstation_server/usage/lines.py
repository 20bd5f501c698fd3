"""Groups of stations as lines of a table: what they add up to on the days that count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from warmstation_server.usage.answer import Line
from warmstation_server.usage.groups import Group
from warmstation_server.usage.response import Alarm, response
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.sums import Sums


class Lines:
    """`totals`: of stations that are in a group on all days that count; `alarms`: those that
    fired on days that count, `today`: on which day one did.
    """

    def __init__(
        self,
        totals: Mapping[str, int],
        rollup: Rollup,
        alarms: Sequence[Alarm],
        now: datetime,
        today: Callable[[datetime], date],
        since: datetime,
    ) -> None:
        self._totals, self._now, self._since = totals, now, since
        self._rollup, self._today = rollup, today
        self._alarms: dict[str, list[Alarm]] = {}
        for alarm in alarms:
            self._alarms.setdefault(alarm.station, []).append(alarm)

    def of(self, groups: Iterable[Group]) -> list[Line]:
        """A line a group."""
        return [self._line(group) for group in groups]

    def _line(self, group: Group) -> Line:
        total = sum(self._totals.get(name, 0) for name in group.share.whole)
        for name, some in group.share.partly.items():
            total += sum(self._rollup.added([name], days).total for days in some)
        holds = group.share.holding()
        alarms = [
            one
            for name in group.stations
            for one in self._alarms.get(name, ())
            if holds(name, self._today(one.fired_at))
        ]
        return Line(group, Sums.of(total), response(alarms, self._now, self._since))

"""What the past of a station adds to advice: that it is the promise that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Protocol

from warmstation_server.alerts import weekly
from warmstation_server.alerts.state import AlertState
from warmstation_server.notify.notice import Notice
from warmstation_server.places import Station, Text

Hint = Callable[[Notice], Text | None]
"""What to add to a notice's advice; None for nothing."""
_CALLS = frozenset({"firing", "escalated", "reminder", "still_firing"})


def no_hint(_notice: Notice) -> None:
    """Where nobody remembers."""


class Remembered(Protocol):
    """Alerts of before; ConnectionError where they cannot be read now."""

    def find(self, alert_id: str) -> AlertState | None:
        """One alert."""
        ...

    def newest(self, station: str | None = None) -> Iterable[AlertState]:
        """Those of a station, the newest first."""
        ...


class Hints:
    """Looks at what was told of the same station before. Never fails a message."""

    def __init__(self, alerts: Remembered, stations: Callable[[], Mapping[str, Station]]) -> None:
        self._alerts = alerts
        self._stations = stations

    def __call__(self, notice: Notice) -> Text | None:
        """A weekday that is shut for the third time in a row."""
        station = self._stations().get(notice.station)
        if station is None or notice.kind not in _CALLS:
            return None
        with suppress(ConnectionError):
            state = self._alerts.find(notice.alert_id)
            day = None if state is None else weekly.shut_day(state, station)
            if state is None or day is None or weekly.correction(station, day) is None:
                return None
            times = weekly.times_shut(state, self._alerts.newest(station.id), station)
            return weekly.hint(day.weekday(), times) if times >= weekly.OFTEN else None
        return None

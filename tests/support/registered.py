"""Registered stations, reports and messages for tests of the server: only what matters is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from warmstation_edge.simulator.plan import StationPlan
from warmstation_server.history import Received
from warmstation_server.intake import Message
from warmstation_server.places import Region, Retired, Station, Text
from warmstation_wire import Leaf, Report, Topic

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai, a Saturday."""
DISTRICT = "kunshan"
STREAM = "9f3c"


def station(id_: str = "ks-songnan", **changes: Any) -> Station:
    """A registered station, open 07:00-22:00, with 12 seats."""
    facts: dict[str, Any] = {
        "id": id_,
        "district": DISTRICT,
        "name": Text("淞南", "Songnan"),
        "lat": 31.26,
        "lon": 121.0,
        "region_id": "qiandeng",
        "hours": "Mo-Su,PH 07:00-22:00",
        "capacity": 12,
        "host_type": "community",
    }
    return Station(**facts | changes)


def of_plan(plan: StationPlan) -> Station:
    """What is promised of a simulated station."""
    return station(
        plan.id,
        hours=plan.hours,
        capacity=plan.capacity,
        target_c=plan.target_c,
        supplies=plan.supplies,
    )


def report(seq: int = 1, at: datetime = NOON, **changes: Any) -> Report:
    """A report of ks-songnan; parts are given as in the JSON of the contract."""
    facts: dict[str, Any] = {
        "station": "ks-songnan",
        "stream": STREAM,
        "seq": seq,
        "measured_at": at,
        "clock": "synced",
    }
    return Report.model_validate(facts | changes, strict=False)


def received(
    seq: int = 1, at: datetime = NOON, late: timedelta = timedelta(0), **changes: Any
) -> Received:
    """A report that came `late` after it was measured."""
    return Received(report(seq, at, **changes), DISTRICT, at + late)


def message(said: Report, mid: int = 1, session: int = 1) -> Message:
    """A report as the broker brings it, at the moment when it was measured."""
    topic = str(Topic(DISTRICT, said.station, Leaf.REPORT))
    return Message(topic, said.to_json(), said.measured_at, session, mid)


class FixedPlaces:
    """A registry that holds what it was given; `register` changes it."""

    def __init__(self, *stations: Station) -> None:
        self._stations: tuple[Station, ...] = stations
        self._retired: tuple[Retired, ...] = ()
        self._revision = 1
        self.is_away = False
        self.asked = 0

    def register(self, *stations: Station) -> None:
        """These are all stations from now on."""
        self._stations = stations
        self._revision += 1

    def regions(self) -> Sequence[Region]:
        """One town."""
        return (Region("qiandeng", Text("千灯镇", "Qiandeng"), "street"),)

    def stations(self) -> Sequence[Station]:
        """What was given last."""
        return self._stations

    def retired(self) -> Sequence[Retired]:
        """Who was taken away by `retire`."""
        return self._retired

    def retire(self, name: str, at: datetime = NOON) -> None:
        """This is no station any more."""
        (gone,) = (one for one in self._stations if one.id == name)
        self._retired = (*self._retired, Retired(gone, at, "moved out"))
        self.register(*(one for one in self._stations if one.id != name))

    def revision(self) -> int:
        """Rises with `register`."""
        self.asked += 1
        if self.is_away:
            raise ConnectionError("the registry is away")
        return self._revision

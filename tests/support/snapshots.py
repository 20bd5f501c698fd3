"""A made-up city of a hundred stations in every state a page must be able to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from warmstation_server.places import ChargerPlan, Region, Station, Text
from warmstation_server.snapshot import Snapshot
from warmstation_wire import ChargerCount, StationStatus, SupplyStatus
from warmstation_wire.status import SupplyState

NOW = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
"""12:30 in Shanghai, a Saturday: lunch."""

_STREETS = (
    ("ks-yushan", "玉山镇", "Yushan"),
    ("ks-qiandeng", "千灯镇", "Qiandeng"),
    ("ks-huaqiao", "花桥镇", "Huaqiao"),
    ("ks-zhangpu", "张浦镇", None),
)
_ROADS = ("前进西路", "萧林中路", "长江南路", "震川东路", "淞南路", "景王路", "绿地大道", "亲和路")
_HOSTS = ("community", "property", "shop")
_SHELF = ("water", "noodles", "biscuits", "first_aid")
_FACILITIES = (
    ("wifi", "microwave", "restroom"),
    ("wifi", "book_corner", "umbrella", "massage_chair"),
    ("drinking_water",),
    (),
)
_HOURS = ("Mo-Su 07:00-22:00", "24/7", "Mo-Fr 08:00-20:00; Sa,Su 09:00-18:00", "12:00-06:00")


def city(stations: int = 100, now: datetime = NOW, version: int = 1) -> Snapshot:
    """A snapshot of that many stations; the first dozen are one of each kind of trouble."""
    places = [_station(i) for i in range(stations)]
    return Snapshot(
        at=now,
        version=version,
        regions={region.id: region for region in _regions()},
        stations={place.id: place for place in places},
        statuses={place.id: _status(i, place, now) for i, place in enumerate(places)},
        next_change={place.id: _next_change(i, place, now) for i, place in enumerate(places)},
        busy={place.id: _busy(i) for i, place in enumerate(places) if i % 7 != 3},
    )


def later(snapshot: Snapshot, **minutes: float) -> Snapshot:
    """The same snapshot taken later, with nothing else changed but the version."""
    return replace(snapshot, at=snapshot.at + timedelta(**minutes), version=snapshot.version + 1)


def _regions() -> list[Region]:
    city = Region("ks", Text("昆山市", "Kunshan"), "city")
    streets = [Region(id_, Text(zh, en), "street", "ks") for id_, zh, en in _STREETS]
    return [city, *streets, Region("ks-songnan", Text("淞南社区"), "community", "ks-qiandeng")]


def _station(i: int) -> Station:
    road = _ROADS[i % len(_ROADS)]
    chargers = () if i % 9 == 4 else (ChargerPlan("phone", 4 + i % 3 * 2),)
    return Station(
        id=f"ks-{i:03d}",
        district="kunshan",
        name=Text(f"{road}{i * 7 + 8}号暖新驿站", None if i % 5 else f"Warm Station {i + 1}"),
        lat=31.385 + (i * 37 % 100 - 50) / 1000,
        lon=120.98 + (i * 61 % 100 - 50) / 900,
        region_id="ks-songnan" if i % 16 == 9 else _STREETS[i % 4][0],
        hours=_HOURS[i % 4],
        capacity=0 if i == 11 else 8 + i % 4 * 8,
        host_type=_HOSTS[i % 3],
        address=f"昆山市{road}{i * 7 + 8}号",
        facilities=_FACILITIES[i % 4],
        chargers=(*chargers, ChargerPlan("ebike", 6)) if i % 3 == 0 else chargers,
        supplies=_SHELF[: i % 5],
        donors=(("noodles", "昆山市红十字会"),) if i % 5 == 4 else (),
        contact_phone="0512-57000000" if i % 2 else None,
        is_simulated=True,
    )


def _status(i: int, place: Station, now: datetime) -> StationStatus:
    shape = _SHAPES.get(i, _usual)
    return shape(i, place, now)


def _usual(i: int, place: Station, now: datetime) -> StationStatus:
    inside = i * 5 % max(1, place.capacity // 2 + 1)
    is_open = place.hours != _HOURS[2] or i % 8 < 6
    return StationStatus(
        station_id=place.id,
        last_reported=now - timedelta(seconds=3 + i * 13 % 58),
        data_state="live",
        is_open=is_open,
        is_scheduled_open=is_open,
        open_basis="observed" if is_open and i % 3 else "schedule",
        occupancy_status="empty" if inside == 0 else "many_seats_available",
        num_people=inside,
        num_seats_available=place.capacity - inside,
        people_confidence=0.9,
        chargers=tuple(_charging(i, plan) for plan in place.chargers),
        indoor_temperature_c=18.5 + i * 7 % 50 / 10,
        heating_state="ok",
        supplies=tuple(_stock(i, item, now) for item in place.supplies),
        is_simulated=True,
    )


def _charging(i: int, plan: ChargerPlan) -> ChargerCount:
    busy = i % (plan.count + 1)
    broken = 1 if i % 10 == 6 and busy < plan.count else 0
    return ChargerCount(
        kind=plan.kind,
        num_available=plan.count - busy - broken,
        num_in_use=busy,
        num_out_of_order=broken,
    )


def _stock(i: int, item: str, now: datetime) -> SupplyStatus:
    level = (i * 17 + len(item) * 13) % 100 / 100
    state: SupplyState = "empty" if level < 0.03 else "low" if level < 0.2 else "ok"
    counted_at = now - timedelta(minutes=i % 90)
    return SupplyStatus(item_id=item, level=level, state=state, counted_at=counted_at)


def _changed(**fields: object) -> Callable[[int, Station, datetime], StationStatus]:
    def shape(i: int, place: Station, now: datetime) -> StationStatus:
        return _usual(i, place, now).model_copy(update=fields)

    return shape


def _silent(i: int, place: Station, now: datetime) -> StationStatus:
    unknown = SupplyStatus(item_id="water", state="unknown")
    return StationStatus(
        station_id=place.id,
        last_reported=None if i == 3 else now - timedelta(hours=2),
        data_state="never" if i == 3 else "offline",
        is_scheduled_open=True,
        occupancy_status="no_data_available",
        heating_state="unknown",
        supplies=(unknown,) if "water" in place.supplies else (),
        is_simulated=True,
    )


def _late(i: int, place: Station, now: datetime) -> StationStatus:
    return _usual(i, place, now).model_copy(
        update={"data_state": "stale", "last_reported": now - timedelta(minutes=6)}
    )


_SHAPES: dict[int, Callable[[int, Station, datetime], StationStatus]] = {
    1: _changed(occupancy_status="full", num_seats_available=0, num_people=16),
    2: _late,
    3: _silent,
    5: _silent,
    6: _changed(is_open=False, is_scheduled_open=True, open_basis="observed"),
    7: _changed(heating_state="fault", indoor_temperature_c=9.4, facility_faults=("heating",)),
    8: _changed(is_open=False, is_scheduled_open=True, open_basis="manual"),
    9: _changed(num_people=None, num_seats_available=None, occupancy_status="no_data_available"),
    10: _changed(indoor_temperature_c=None, heating_state="unknown", facility_faults=("room",)),
    12: _changed(is_open=True, is_scheduled_open=False, open_basis="observed"),
    13: _changed(heating_state="warming_up", indoor_temperature_c=14.2),
}


def _next_change(i: int, place: Station, now: datetime) -> datetime | None:
    if place.hours == "24/7":
        return None
    hours_on = {0: 9.5, 2: 5.5, 3: 17.5}[i % 4]
    return now + timedelta(hours=hours_on)


def _busy(i: int) -> tuple[float | None, ...]:
    peak = 4 + i % 9
    lunch = [max(0.0, peak - abs(hour - 13) * 1.7) for hour in range(24)]
    supper = [max(0.0, peak - 1 - abs(hour - 18) * 1.9) for hour in range(24)]
    curve = [round(max(a, b), 1) for a, b in zip(lunch, supper, strict=True)]
    return tuple(None if i % 6 == 5 and hour < 6 else curve[hour] for hour in range(24))

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.support.snapshots import NOW, city
from warmstation_server.web.badge import Badge, badge_of
from warmstation_server.web.busy import HEIGHT, bars, busiest
from warmstation_server.web.finding import LONGEST, typed
from warmstation_server.web.query import ListQuery, distance_m, offers
from warmstation_wire import StationStatus, SupplyStatus
from warmstation_wire.status import DataState, OccupancyStatus, OpenBasis

SNAPSHOT = city()


def status(
    data_state: DataState = "live",
    is_open: bool | None = True,
    basis: OpenBasis = "observed",
    occupancy: OccupancyStatus = "empty",
) -> StationStatus:
    return StationStatus(
        station_id="ks-000",
        last_reported=NOW,
        data_state=data_state,
        is_open=is_open,
        open_basis=basis,
        occupancy_status=occupancy,
        heating_state="ok",
    )


@pytest.mark.parametrize(
    ("given", "badge"),
    [
        (None, Badge.UNKNOWN),
        (status(), Badge.OPEN),
        (status(occupancy="full"), Badge.FULL),
        (status("stale"), Badge.LATE),
        (status("stale", occupancy="full"), Badge.LATE),
        (status(is_open=False), Badge.CLOSED),
        (status("stale", is_open=False), Badge.CLOSED),
        (status(is_open=False, basis="manual"), Badge.MAINTENANCE),
        (status(is_open=None), Badge.UNKNOWN),
        (status("offline"), Badge.UNKNOWN),
        (status("offline", is_open=False), Badge.CLOSED),
        (status("never", is_open=None), Badge.UNKNOWN),
    ],
)
def test_silence_is_never_called_open(given: StationStatus | None, badge: Badge) -> None:
    assert badge_of(given) is badge


@pytest.mark.parametrize("badge", Badge)
def test_every_badge_is_a_shape_and_a_word(badge: Badge) -> None:
    others = [other.look for other in Badge if other is not badge]
    assert badge.look.shape not in [look.shape for look in others]
    assert badge.look.word not in [look.word for look in others]


@pytest.mark.parametrize("want", ["open", "seat", "phone", "ebike", "water", "food"])
def test_what_is_not_known_is_not_offered(want: str) -> None:
    assert not offers(None, want)
    assert not offers(status("never", is_open=None), want)


@pytest.mark.parametrize(
    ("state", "expected"), [("ok", True), ("low", True), ("empty", False), ("unknown", False)]
)
def test_hot_water_counts_while_there_is_some(state: str, expected: bool) -> None:
    supply = SupplyStatus.model_validate({"item_id": "water", "state": state})
    assert offers(status().model_copy(update={"supplies": (supply,)}), "water") is expected


def test_a_query_is_written_as_it_is_read() -> None:
    asked = ListQuery.parse(
        "food=1&seat=1&street=ks-yushan&show=50&near=31.387,120.9&q=+A%26b++c", SNAPSHOT.regions
    )
    assert str(asked) == "?q=A%26b+c&seat=1&food=1&street=ks-yushan&near=31.39,120.90&show=72"
    assert ListQuery.parse(str(asked)[1:], SNAPSHOT.regions) == asked
    assert str(ListQuery()) == ""


def test_turning_a_filter_twice_changes_nothing_else() -> None:
    asked = ListQuery.parse("seat=1&street=ks-yushan", SNAPSHOT.regions)
    assert asked.toggled("open").toggled("open") == asked


def test_a_street_holds_the_communities_below_it() -> None:
    found = ListQuery(street="ks-qiandeng").stations(SNAPSHOT)
    assert {station.region_id for station in found} == {"ks-qiandeng", "ks-songnan"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("淞南路 36号", ["ks-004"]),
        ("WARM station 41", ["ks-040"]),
        ("ｋｓ－０４０", ["ks-040"]),
        ("qiandeng 亲和路", [f"ks-{n:03d}" for n in range(100) if n % 8 == 7 and n % 4 == 1]),
        ("淞南社区", [f"ks-{n:03d}" for n in range(100) if n % 16 == 9]),
        ("没有这条路", []),
        ("  ", [f"ks-{n:03d}" for n in range(100)]),
    ],
)
def test_a_station_is_found_by_its_names_its_address_its_id_and_its_streets(
    said: str, found: list[str]
) -> None:
    asked = ListQuery.parse(urlencode({"q": said}), SNAPSHOT.regions)
    assert sorted(station.id for station in asked.stations(SNAPSHOT)) == found


def test_what_is_typed_is_bounded_and_loses_what_cannot_be_seen() -> None:
    assert typed("a" * 5000) == "a" * LONGEST
    assert typed("\x00光\u202e明\n路") == "光明 路"
    assert typed("㍿" * 40) == typed(typed("㍿" * 40))


def test_the_useful_come_first_and_cold_rooms_after_warm_ones() -> None:
    found = [SNAPSHOT.statuses[s.id] for s in ListQuery().stations(SNAPSHOT)]
    badges = [badge_of(one) for one in found]
    assert badges == sorted(badges)
    is_open = [one for one in found if badge_of(one) is Badge.OPEN]
    assert [one.heating_state for one in is_open].index("fault") == len(is_open) - 1


def test_distances_are_right_to_a_thousandth() -> None:
    # A degree of latitude is 111.2 km; one of longitude, cos(latitude) of it.
    assert distance_m((31.0, 121.0), (32.0, 121.0)) == pytest.approx(111_200, rel=2e-3)
    assert distance_m((31.3, 120.9), (31.3, 121.0)) == pytest.approx(9_500, rel=2e-3)


def test_bars_are_scaled_to_the_busiest_hour_and_unknown_has_none() -> None:
    drawn = bars((None, 0.0, 2.0, 4.0, *[1.0] * 20), hour_now=2)
    assert [bar.height for bar in drawn[:4]] == [0.0, 2.0, HEIGHT / 2, HEIGHT]
    assert [bar.hour for bar in drawn if bar.is_now] == [2]
    assert busiest((None, 1.0, 3.0, 3.0)) == 2
    assert busiest((None, 0.0)) is None
    assert busiest(()) is None

"""The parts of the feed that are kept say what a feed that is made anew says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.registered import NOON, station
from warmstation_server.places import Station, Text
from warmstation_server.publish import models
from warmstation_server.publish.pieces import Pieces, feature
from warmstation_server.snapshot import Snapshot
from warmstation_wire import StationStatus

STATUSES = st.builds(
    StationStatus,
    station_id=st.just("st-0"),
    data_state=st.sampled_from(("live", "stale", "offline", "never")),
    is_open=st.none() | st.booleans(),
    occupancy_status=st.sampled_from(("empty", "full", "no_data_available")),
    num_seats_available=st.none() | st.integers(0, 2**53 - 1),
    indoor_temperature_c=st.none() | st.floats(-60, 100),
    heating_state=st.just("unknown"),
)
PLACES = st.builds(
    lambda name: station("st-0", name=Text(name, name)),
    st.text(max_size=8) | st.just(',"data_state":"never"}}'),
)


def snapshot(places: Mapping[str, Station], statuses: Mapping[str, StationStatus]) -> Snapshot:
    return Snapshot(NOON, stations=places, statuses=statuses)


def anew(seen: Snapshot) -> list[Any]:
    """Both documents by their models."""
    features = tuple(feature(one, seen.statuses.get(id_)) for id_, one in seen.stations.items())
    written = (
        models.Status(stations=tuple(seen.statuses.values())),
        models.FeatureCollection(features=features),
    )
    return [json.loads(one.model_dump_json(exclude_none=True)) for one in written]


def kept(pieces: Pieces, seen: Snapshot) -> list[Any]:
    return [json.loads(pieces.statuses(seen)), json.loads(pieces.features(seen))]


@given(st.lists(st.tuples(PLACES, st.none() | STATUSES), min_size=1, max_size=4))
def test_whatever_a_station_becomes_its_piece_is_that_of_a_feed_made_anew(
    story: list[tuple[Station, StationStatus | None]],
) -> None:
    pieces = Pieces()
    for place, status in story:
        seen = snapshot({"st-0": place}, {} if status is None else {"st-0": status})
        assert kept(pieces, seen) == anew(seen)


def test_who_is_gone_is_left_out_and_who_is_there_keeps_its_piece() -> None:
    places = {id_: station(id_) for id_ in ("st-0", "st-1")}
    status = StationStatus(
        station_id="st-0",
        data_state="live",
        occupancy_status="empty",
        heating_state="ok",
    )
    pieces, both = Pieces(), snapshot(places, {"st-0": status})
    assert kept(pieces, both) == anew(both)
    one = replace(both, stations={"st-0": places["st-0"]})
    assert kept(pieces, one) == anew(one)
    nobody = snapshot({}, {})
    assert kept(pieces, nobody) == anew(nobody)

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from tests.support.snapshots import NOW, city, later
from warmstation_server.publish import feed
from warmstation_server.publish.documents import Document
from warmstation_server.publish.schemas import SCHEMA_OF, schema_path
from warmstation_server.publish.site import Site
from warmstation_wire import StationStatus

SITE = Site("https://stations.example")
DOCUMENTS = feed.documents(city(), SITE)


def read(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document.body)
    return found


@pytest.mark.parametrize("name", SCHEMA_OF)
def test_every_document_keeps_to_its_published_schema(name: str) -> None:
    schema = read(DOCUMENTS[schema_path(name)])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    validator.validate(read(DOCUMENTS[feed.ROOT + name]))


def test_a_schema_refuses_what_does_not_keep_to_it() -> None:
    schema = read(DOCUMENTS[schema_path("station_status.json")])
    wrong = read(DOCUMENTS["/feed/v1/station_status.json"])
    wrong["data"]["stations"][0]["data_state"] = "fresh"
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate(wrong)


@pytest.mark.parametrize("name", SCHEMA_OF)
def test_every_document_has_the_envelope(name: str) -> None:
    document = read(DOCUMENTS[feed.ROOT + name])
    assert document["version"] == "1.0"
    assert document["ttl"] == feed.TTL_S
    assert datetime.fromisoformat(document["last_updated"]) == NOW


def test_discovery_names_every_document_with_absolute_addresses() -> None:
    links = read(DOCUMENTS["/feed/v1/feed.json"])["data"]["feeds"]
    paths = {link["url"].removeprefix(SITE.base_url) for link in links}
    assert paths == {feed.ROOT + name for name in SCHEMA_OF}
    assert paths | {link["schema_url"].removeprefix(SITE.base_url) for link in links} == set(
        DOCUMENTS
    )


def test_what_is_unknown_is_absent_and_never_zero() -> None:
    stations = read(DOCUMENTS["/feed/v1/station_status.json"])["data"]["stations"]
    never = next(station for station in stations if station["data_state"] == "never")
    for key in ("num_people", "num_seats_available", "indoor_temperature_c", "last_reported"):
        assert key not in never


def test_status_elements_are_what_stations_are_told_by_mqtt() -> None:
    snapshot = city(3)
    elements = read(feed.documents(snapshot, SITE)["/feed/v1/station_status.json"])
    assert elements["data"]["stations"] == [
        json.loads(status.to_json()) for status in snapshot.statuses.values()
    ]


def test_information_carries_what_was_promised() -> None:
    snapshot = city(1)
    station = snapshot.stations["ks-000"]
    found = read(feed.documents(snapshot, SITE)["/feed/v1/station_information.json"])
    entry = found["data"]["stations"][0]
    assert entry["station_opening_hours"] == station.hours
    assert entry["name"] == [
        {"text": station.name.zh, "language": "zh-CN"},
        {"text": station.name.en, "language": "en"},
    ]
    assert entry["chargers"] == [{"kind": "phone", "num": 4}, {"kind": "ebike", "num": 6}]


def test_the_map_has_longitude_before_latitude() -> None:
    station = city(1).stations["ks-000"]
    feature = read(DOCUMENTS["/feed/v1/stations.geojson"])["features"][0]
    assert feature["geometry"]["coordinates"] == [station.lon, station.lat]


def test_nothing_changes_while_the_content_does_not() -> None:
    again = feed.documents(later(city(), minutes=5), SITE, DOCUMENTS)
    assert all(again[path] is DOCUMENTS[path] for path in DOCUMENTS)


def test_only_the_documents_that_say_something_new_change() -> None:
    snapshot = later(city(), minutes=5)
    quieter = dict(snapshot.statuses)
    quieter["ks-000"] = StationStatus(
        station_id="ks-000",
        data_state="offline",
        occupancy_status="no_data_available",
        heating_state="unknown",
    )
    after = feed.documents(replace(snapshot, statuses=quieter), SITE, DOCUMENTS)
    changed = {path for path in DOCUMENTS if after[path] is not DOCUMENTS[path]}
    assert changed == {"/feed/v1/station_status.json", "/feed/v1/stations.geojson"}
    status = after["/feed/v1/station_status.json"]
    assert status.tag != DOCUMENTS[status.path].tag
    assert datetime.fromisoformat(read(status)["last_updated"]) == snapshot.at


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    again = feed.documents(city(), SITE)
    assert {p: (d.body, d.gzipped, d.tag) for p, d in again.items()} == {
        p: (d.body, d.gzipped, d.tag) for p, d in DOCUMENTS.items()
    }

from __future__ import annotations

import pytest

from tests.support.client import Client
from tests.support.snapshots import city
from tests.support.web import Web, web
from warmstation_server.clock import Clock
from warmstation_server.snapshot import Snapshot


@pytest.fixture
def site() -> Web:
    return web()


@pytest.fixture
def client(site: Web) -> Client:
    return Client(site.app)


def test_stations_come_with_what_is_registered_and_what_is_measured(client: Client) -> None:
    found = client.get("/api/v1/stations?limit=2").json()
    assert found["total"] == 100
    assert [entry["information"]["station_id"] for entry in found["stations"]] == [
        "ks-000",
        "ks-001",
    ]
    assert found["stations"][1]["status"]["occupancy_status"] == "full"


def test_stations_can_be_chosen(client: Client) -> None:
    offline = client.get("/api/v1/stations?data_state=offline").json()
    assert [entry["information"]["station_id"] for entry in offline["stations"]] == ["ks-005"]
    yushan = client.get("/api/v1/stations?region=ks-yushan").json()
    assert yushan["total"] == 25
    assert client.get("/api/v1/stations?region=ks").json()["total"] == 100
    is_open = client.get("/api/v1/stations?is_open=true&limit=1000").json()
    assert all(entry["status"]["is_open"] for entry in is_open["stations"])
    assert client.get("/api/v1/stations?offset=99").json()["stations"][0]["information"]


def test_one_station(client: Client) -> None:
    entry = client.get("/api/v1/stations/ks-003").json()
    assert entry["status"]["data_state"] == "never"
    assert entry["status"]["num_people"] is None


def test_regions(client: Client) -> None:
    regions = client.get("/api/v1/regions").json()["regions"]
    assert {"region_id": "ks-songnan", "parent_region_id": "ks-qiandeng"}.items() <= next(
        region for region in regions if region["region_id"] == "ks-songnan"
    ).items()


def test_series_of_the_last_day_by_default(client: Client) -> None:
    series = client.get("/api/v1/stations/ks-001/series").json()
    assert len(series["points"]) == 24
    assert series["points"][0]["room_c"] == 20.0
    assert series["points"][0]["outlet_c"] is None
    assert series["window_s"] is None


@pytest.mark.parametrize(("window", "seconds"), [("PT15M", 900), ("3600", 3600)])
def test_a_window_may_be_seconds_or_iso_8601(client: Client, window: str, seconds: int) -> None:
    series = client.get(f"/api/v1/stations/ks-001/series?window={window}").json()
    assert series["window_s"] == seconds


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-11-21T04:00:00Z&end=2026-11-20T04:00:00Z",
        "start=2026-11-01T04:00:00Z&end=2026-11-20T04:00:00Z",
        "start=2020-11-01T04:00:00Z&end=2026-11-20T04:00:00Z&window=PT15M",
        "start=2026-11-21T04:00:00",
        "start=yesterday",
        "window=PT1S",
        "window=-PT15M",
        "window=P9999999999D",
    ],
)
def test_a_span_that_makes_no_sense_is_refused_with_a_reason(client: Client, query: str) -> None:
    refused = client.get(f"/api/v1/stations/ks-001/series?{query}")
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "is_open=perhaps", "data_state=fresh"])
def test_bad_parameters_name_the_place(client: Client, query: str) -> None:
    refused = client.get(f"/api/v1/stations?{query}").json()
    assert refused["status"] == 422
    assert refused["errors"][0]["in"] == f"query.{query.split('=', maxsplit=1)[0]}"


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/stations/ks-999", "/api/v1/stations/%00/series"]
)
def test_what_is_not_there_is_a_problem(client: Client, path: str) -> None:
    missing = client.get(path)
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
    assert missing.json()["status"] == 404


def test_a_method_that_is_not_allowed_is_a_problem_that_names_the_allowed(
    client: Client,
) -> None:
    refused = client.ask("DELETE", "/api/v1/stations")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET"
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_history_that_is_away_is_said_to_be(site: Web, client: Client) -> None:
    site.history.is_away = True
    away = client.get("/api/v1/stations/ks-001/series")
    assert away.status_code == 503
    assert "history" in away.json()["detail"]


class _Broken:
    def get(self) -> Snapshot:
        raise RuntimeError("a secret of the machine")


@pytest.mark.parametrize("path", ["/api/v1/regions", "/api/v1/stations/ks-001"])
def test_a_fault_of_ours_never_shows_its_trace(client: Client, site: Web, path: str) -> None:
    site.current.get = _Broken().get  # type: ignore[method-assign]
    broken = client.get(path)
    assert broken.status_code == 500
    assert broken.headers["content-type"] == "application/problem+json"
    assert "secret" not in broken.text


def test_openapi_describes_the_api_and_only_that(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/api/v1/stations",
        "/api/v1/stations/{station_id}",
        "/api/v1/stations/{station_id}/series",
        "/api/v1/regions",
    }


def test_health_readiness_and_metrics(site: Web, client: Client) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200
    assert "up 1" in client.get("/metrics").text
    site.not_ready.append("the broker cannot be reached")
    unready = client.get("/readyz")
    assert (unready.status_code, unready.json()["detail"]) == (503, "the broker cannot be reached")
    assert client.get("/healthz").status_code == 200


def test_the_feed_is_served_to_anyone_with_tag_and_cors(client: Client) -> None:
    status = client.get("/feed/v1/station_status.json", headers={"origin": "https://map.example"})
    assert status.headers["access-control-allow-origin"] == "*"
    assert status.headers["content-encoding"] == "gzip"
    assert len(status.json()["data"]["stations"]) == 100
    again = client.get(
        "/feed/v1/station_status.json", headers={"if-none-match": status.headers["etag"]}
    )
    assert again.status_code == 304
    head = client.ask("HEAD", "/feed/v1/station_status.json")
    assert head.headers["content-length"] == status.headers["content-length"]
    assert head.content == b""
    missing = client.get("/feed/v1/nothing.json")
    assert missing.headers["content-type"] == "application/problem+json"


def test_the_feed_changes_with_the_snapshot(site: Web, client: Client) -> None:
    site.publish(city(7, version=2))
    assert len(client.get("/feed/v1/station_status.json").json()["data"]["stations"]) == 7


def test_the_clock_is_the_one_that_was_handed_in(site: Web, client: Client) -> None:
    clock: Clock = site.clock
    assert client.get("/api/v1/stations/ks-001/series").json()[
        "end"
    ] == clock.now().isoformat().replace("+00:00", "Z")

"""The bench of the country in small: everybody is known, also after a stop."""

from __future__ import annotations

from tests.bench import country
from tests.bench.country_parts import ONE_BROKEN_OF, Sampled
from tests.bench.load import written
from warmstation_wire import Report, decode

STATIONS = 120


def test_everybody_reports_is_shown_and_is_known_again_after_a_stop() -> None:
    found = country.measure(stations=STATIONS, seconds=61)
    assert found["country_live_after"] == STATIONS
    assert found["country_reports_per_s"] == STATIONS // 60


def test_one_station_in_a_hundred_says_that_a_sensor_is_broken() -> None:
    at = b"2026-11-21T04:00:00Z"
    said = [decode(Report, written(number, 1, at, ONE_BROKEN_OF)) for number in range(201)]
    assert [number for number, report in enumerate(said) if report.faults] == [0, 100, 200]


def test_where_the_time_goes_is_found_by_looking_now_and_then() -> None:
    sampled = Sampled()
    with sampled.watching():
        while not sampled.worst():
            pass
    assert sum(sampled.worst().values()) > 0.9

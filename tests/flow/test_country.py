"""The bench of the country in small: everybody is known, also after a stop."""

from __future__ import annotations

from tests.bench import country
from tests.bench.country_parts import Sampled

STATIONS = 120


def test_everybody_reports_is_shown_and_is_known_again_after_a_stop() -> None:
    found = country.measure(stations=STATIONS, seconds=61)
    assert found["country_live_after"] == STATIONS
    assert found["country_reports_per_s"] == STATIONS // 60


def test_where_the_time_goes_is_found_by_looking_now_and_then() -> None:
    sampled = Sampled()
    with sampled.watching():
        while not sampled.worst():
            pass
    assert sum(sampled.worst().values()) > 0.9

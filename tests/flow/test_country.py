"""The bench of the country in small: everybody is known, also after a stop."""

from __future__ import annotations

from tests.bench import country

STATIONS = 120


def test_everybody_reports_is_shown_and_is_known_again_after_a_stop() -> None:
    found = country.measure(stations=STATIONS, minutes=1)
    assert found["country_live_after"] == STATIONS
    assert found["country_reports_per_s"] == STATIONS // 60
    worst = found["country_run_worst"]
    assert isinstance(worst, dict)
    assert 0 < sum(worst.values()) <= 1

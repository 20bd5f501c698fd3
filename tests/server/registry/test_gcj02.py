from __future__ import annotations

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_server.registry.gcj02 import from_wgs84, to_wgs84

M_PER_DEG = 111_320.0


def apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    return hypot((a[0] - b[0]) * M_PER_DEG, (a[1] - b[1]) * M_PER_DEG * cos(radians(a[0])))


def test_a_published_pair_agrees() -> None:
    shown = from_wgs84(31.1774276, 121.5272106)
    assert shown == pytest.approx((31.17530398364597, 121.531541859215), abs=1e-12)


def test_the_shift_is_what_maps_show() -> None:
    assert 100 < apart_m((31.26, 121.0), from_wgs84(31.26, 121.0)) < 800


@given(st.floats(3.9, 53.5), st.floats(73.6, 135.0))
def test_there_and_back_is_within_a_decimetre(lat: float, lon: float) -> None:
    assert apart_m((lat, lon), to_wgs84(*from_wgs84(lat, lon))) < 0.1


@pytest.mark.parametrize("place", [(52.52, 13.405), (-33.9, 151.2), (60.0, 100.0), (0.5, 110.0)])
def test_outside_of_china_nothing_is_shifted(place: tuple[float, float]) -> None:
    assert from_wgs84(*place) == place
    assert to_wgs84(*place) == place

"""Between WGS-84 and GCJ-02, the shifted coordinates that Chinese map services show.

The shift is the published polynomial and sines over the Krasovsky 1940 ellipsoid; it holds
inside a rectangle around China and is nothing outside of it.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt

AXIS_M = 6_378_245.0
"""Semi-major axis of the Krasovsky 1940 ellipsoid, in metres."""
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""The rectangle that the shift holds in, in degrees."""

_EAST_OF, _NORTH_OF = 105.0, 35.0
_ENOUGH_DEG = 1e-9
"""0.1 mm on the ground."""


def is_shifted(lat: float, lon: float) -> bool:
    """Whether map services shift this place (degrees)."""
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def from_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Latitude and longitude as a Chinese map shows them."""
    if not is_shifted(lat, lon):
        return lat, lon
    north_m, east_m = _shift_m(lon - _EAST_OF, lat - _NORTH_OF)
    phi = lat / 180 * pi
    w = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian_m = AXIS_M * (1 - ECCENTRICITY_SQUARED) / (w * sqrt(w))
    parallel_m = AXIS_M / sqrt(w) * cos(phi)
    return lat + north_m * 180 / (meridian_m * pi), lon + east_m * 180 / (parallel_m * pi)


def to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Back again, by iteration: the shift changes so slowly that a few steps are exact."""
    if not is_shifted(lat, lon):
        return lat, lon
    true_lat, true_lon = lat, lon
    for _ in range(10):
        shown_lat, shown_lon = from_wgs84(true_lat, true_lon)
        off_lat, off_lon = shown_lat - lat, shown_lon - lon
        true_lat, true_lon = true_lat - off_lat, true_lon - off_lon
        if abs(off_lat) < _ENOUGH_DEG and abs(off_lon) < _ENOUGH_DEG:
            break
    return true_lat, true_lon


def _shift_m(x: float, y: float) -> tuple[float, float]:
    """The shift to the north and to the east, in metres, by degrees from 105 E, 35 N."""
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += ripple + (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += ripple + (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east

"""Values of a Measurement by the names of the profile, and as the installer sees them. Pure."""

from __future__ import annotations

from warmstation_edge.doctor.step import Seen
from warmstation_edge.measurement import Measurement
from warmstation_wire import Charger

_UNKNOWN = "?"


def raw(measured: Measurement, name: str) -> float | None:
    """What a sensor says by itself, where no report tells it."""
    return (measured.raw or {}).get(name)


def celsius(measured: Measurement, probe: str) -> float | None:
    """A probe: room, outlet or outdoor as reported, a cabinet's as it says."""
    climate = measured.climate
    if climate is None or not hasattr(climate, f"{probe}_c"):
        return raw(measured, probe)
    found: float | None = getattr(climate, f"{probe}_c")
    return found


def charger(measured: Measurement, name: str) -> Charger | None:
    """A charger by its id."""
    return next((one for one in measured.chargers or () if one.id == name), None)


def watts(measured: Measurement, name: str) -> float | None:
    """What a charger draws."""
    found = charger(measured, name)
    return None if found is None else found.power_w


def level(measured: Measurement, item: str) -> float | None:
    """How full a shelf is, 0..1."""
    return next((one.level for one in measured.supplies or () if one.item == item), None)


def crossings(measured: Measurement) -> tuple[int, int]:
    """How many came in and went out since the stream began."""
    people = measured.people
    return (0, 0) if people is None else (people.entered or 0, people.left or 0)


def latest(seen: Seen, seconds: float) -> Seen:
    """What was measured in the last seconds; empty where it is not that long yet."""
    since = seen[-1].uptime_s - seconds
    if seen[0].uptime_s > since:
        return ()
    return [one for one in seen if one.uptime_s >= since]


def shown(value: float | bool | None, unit: str = "", digits: int = 1) -> str:
    """A value for the screen; `?` where it is unknown."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:.{digits}f} {unit}".rstrip()

"""What usage needs of a row: what stands until the next report, and the counters it shows."""

from __future__ import annotations

from collections.abc import Sequence

from warmstation_server.history.codec import AVAILABLE, CHARGERS_AT, CHARGING, COLUMN, Shape
from warmstation_server.history.usage import WARM_C, Facts

_ROOM, _HEATER, _INSIDE, _ENTERED, _LEFT = (
    COLUMN[name] for name in ("room_c", "heater_w", "inside", "entered", "left")
)


def facts(
    form: Shape, values: Sequence[float], at_ms: int, target_c: float, is_open: bool
) -> Facts:
    """What stands until the next report (see Facts)."""
    room, heater, people = values[_ROOM], values[_HEATER], values[_INSIDE]
    states = values[CHARGERS_AT : CHARGERS_AT + len(form.chargers)]
    in_use = states.count(CHARGING)
    return Facts(
        at_ms,
        int(people) if people == people else None,
        round(room * 1000) if is_open and room == room else None,
        room >= WARM_C,
        room >= target_c,
        round(heater * 1000) if heater == heater else None,
        in_use,
        in_use + states.count(AVAILABLE),
    )


def counters(form: Shape, values: Sequence[float]) -> dict[str, float]:
    """The counters that a row shows: people, and energy in Wh by charger; NaN = unknown."""
    first = CHARGERS_AT + 2 * len(form.chargers)
    energies = values[first : first + len(form.chargers)]
    return dict(zip(form.counters, (values[_ENTERED], values[_LEFT], *energies), strict=True))

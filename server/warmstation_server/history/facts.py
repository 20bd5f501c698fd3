"""What usage needs of a row: what stands until the next report, and the counters it shows."""

from __future__ import annotations

from collections.abc import Sequence

from warmstation_server.history.codec import (
    AVAILABLE,
    CHARGERS_AT,
    CHARGING,
    COLUMN,
    NAN,
    STATES,
    Shape,
)
from warmstation_server.history.usage import WARM_C, Facts

EMPTY_LEVEL = 0.03
"""A supply below this share of what it holds is empty (`status` says the same)."""
_ROOM, _HEATER, _INSIDE, _ENTERED, _LEFT, _OPEN, _PRESENT = (
    COLUMN[name] for name in ("room_c", "heater_w", "inside", "entered", "left", "open", "present")
)
_UNKNOWN = float(STATES.index("unknown"))


def facts(
    form: Shape,
    values: Sequence[float],
    at_ms: int,
    target_c: float,
    is_open: bool,
    seats: int | None = None,
) -> Facts:
    """What stands until the next report (see Facts). `seats`: how many make it full."""
    room, heater, people = values[_ROOM], values[_HEATER], values[_INSIDE]
    door, present, entered = values[_OPEN], values[_PRESENT], values[_ENTERED]
    states = values[CHARGERS_AT : CHARGERS_AT + len(form.chargers)]
    in_use = states.count(CHARGING)
    is_counted = entered == entered
    shelf = empty = 0
    if is_open and form.items:
        for level in values[form.width - len(form.items) : form.width]:
            shelf += level == level
            empty += level < EMPTY_LEVEL
    return Facts(
        at_ms,
        int(people) if people == people else None,
        round(room * 1000) if is_open and room == room else None,
        room >= WARM_C,
        room >= target_c,
        round(heater * 1000) if heater == heater else None,
        in_use,
        in_use + states.count(AVAILABLE),
        is_open and (door == 1.0 or present == 1.0),
        is_open and (is_counted or door == door or present == present),
        is_counted,
        seats is not None and people >= seats,
        heater == heater,
        len(states) - states.count(_UNKNOWN),
        shelf,
        empty,
    )


def counters(form: Shape, values: Sequence[float]) -> dict[str, float]:
    """The counters that a row shows; NaN = unknown.

    People, energy in Wh by charger, and whether each charger is in use.
    """
    count = len(form.chargers)
    states = values[CHARGERS_AT : CHARGERS_AT + count]
    first = CHARGERS_AT + 2 * count
    energies = values[first : first + count]
    plugged = [NAN if state == _UNKNOWN else float(state == CHARGING) for state in states]
    shown = (values[_ENTERED], values[_LEFT], *energies, *plugged)
    return dict(zip(form.counters, shown, strict=True))

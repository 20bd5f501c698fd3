"""What usage needs of a row: what stands until the next report, and the counters it shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter

from warmstation_server.history.codec import (
    AVAILABLE,
    CHARGERS_AT,
    CHARGING,
    COLUMN,
    NAN,
    STATES,
    Shape,
)
from warmstation_server.history.usage import WARM_C, Facts, Shown

EMPTY_LEVEL = 0.03
"""A supply below this share of what it holds is empty (`status` says the same)."""
_NAMES = ("room_c", "heater_w", "inside", "entered", "left", "open", "present")
_watched = itemgetter(*(COLUMN[name] for name in _NAMES))
_UNKNOWN = float(STATES.index("unknown"))


def facts(
    form: Shape,
    values: Sequence[float],
    at_ms: int,
    target_c: float,
    is_open: bool,
    seats: int | None = None,
) -> tuple[Facts, Shown]:
    """What stands until the next report (see Facts), and the counters that this one shows:
    people, energy in Wh by charger, and whether each charger is in use.

    `seats`: how many make it full.
    """
    room, heater, people, entered, left, door, present = _watched(values)
    in_use, serviceable, known, plugged = _chargers(tuple(values[CHARGERS_AT : form.powers_at]))
    is_counted = entered == entered
    shelf, empty = (
        _shelf(tuple(values[form.levels_at : form.extras_at])) if is_open and form.items else (0, 0)
    )
    stands = _new(
        Facts,
        (
            at_ms,
            int(people) if people == people else None,
            round(room * 1000) if is_open and room == room else None,
            room >= WARM_C,
            room >= target_c,
            round(heater * 1000) if heater == heater else None,
            in_use,
            serviceable,
            is_open and (door == 1.0 or present == 1.0),
            is_open and (is_counted or door == door or present == present),
            is_counted,
            seats is not None and people >= seats,
            heater == heater,
            known,
            shelf,
            empty,
        ),
    )
    energies = values[form.energies_at : form.levels_at]
    return stands, (form.counters, (entered, left, *energies, *plugged))


_new = tuple.__new__
"""Half of what calling a NamedTuple costs."""


@lru_cache(maxsize=4096)
def _chargers(states: tuple[float, ...]) -> tuple[int, int, int, tuple[float, ...]]:
    """How many are in use, serviceable, and in a known state; 1 for each that is in use."""
    in_use = states.count(CHARGING)
    plugged = tuple(NAN if state == _UNKNOWN else float(state == CHARGING) for state in states)
    known = len(states) - states.count(_UNKNOWN)
    return in_use, in_use + states.count(AVAILABLE), known, plugged


@lru_cache(maxsize=4096)
def _shelf(levels: tuple[float, ...]) -> tuple[int, int]:
    """How many supplies have a known level, and how many of them are empty."""
    known = [level for level in levels if level == level]
    return len(known), sum(level < EMPTY_LEVEL for level in known)

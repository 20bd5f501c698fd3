"""Whether a DS18B20's value can be believed, seen beside the values before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from warmstation_edge.reading import Missing, Reading

POWER_ON_C = 85.0
NEIGHBOUR_C = 10.0
NEIGHBOUR_S = 5 * 60.0
"""85.0 is believed when the scratchpad proves that it was measured, or when the value before it
was within 10 °C of it, at most 5 min ago."""
STUCK_S = 3 * 3600.0
STUCK_ALONE_S = 12 * 3600.0
SETTLE_S = 30 * 60.0


@dataclass(frozen=True, slots=True)
class History:
    """The last believable value, and since when it has been exactly the same.

    `driver` is what should move the probe: the heater, or an e-bike charging beside it;
    `switched_at`: when it first switched while the value stayed the same.
    """

    celsius: float | None = None
    seen_at: float = 0.0
    same_since: float = 0.0
    driver: bool | None = None
    switched_at: float | None = None


def after_driver(history: History, driver: bool | None, now: float) -> History:
    """The history once it is known whether the driver is on."""
    if driver is None or driver == history.driver:
        return history
    if history.driver is None or history.switched_at is not None:
        return replace(history, driver=driver)
    return replace(history, driver=driver, switched_at=now)


def after_celsius(history: History, celsius: float, now: float, is_proved: bool = False) -> History:
    """The history once the probe has said this; `is_proved`: its scratchpad proves the 85.0."""
    if celsius == POWER_ON_C and not is_proved and not _near_power_on(history, now):
        return history
    if celsius == history.celsius:
        return replace(history, seen_at=now)
    return replace(history, celsius=celsius, seen_at=now, same_since=now, switched_at=None)


def judged(history: History, celsius: float, now: float) -> Reading[float]:
    """What to make of a value, given the history that already knows it."""
    if celsius != history.celsius:
        return Reading.without(Missing.POWER_ON)
    return Reading.without(Missing.STUCK) if _is_stuck(history, now) else Reading.of(celsius)


def _near_power_on(history: History, now: float) -> bool:
    return (
        history.celsius is not None
        and abs(history.celsius - POWER_ON_C) <= NEIGHBOUR_C
        and now - history.seen_at <= NEIGHBOUR_S
    )


def _is_stuck(history: History, now: float) -> bool:
    """A still room may read the same sixteenth for hours; not after its heater has switched."""
    same_s = now - history.same_since
    if same_s >= STUCK_ALONE_S:
        return True
    if same_s < STUCK_S or history.switched_at is None:
        return False
    return now - history.switched_at >= SETTLE_S

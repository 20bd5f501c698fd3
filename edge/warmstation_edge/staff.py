"""The staff button and its LED: what a person at the wall can say to the station, and see."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from enum import Enum

from warmstation_edge.faults import told
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_wire import Fault

_log = logging.getLogger(__name__)
IDENTIFIES_S = 60.0
THANKS_S = 2.0


class Signal(Enum):
    """What the LED says: (period, lit share of it), in seconds.

    It is shown four times a second: nothing shorter than half a second could be told apart.
    """

    WELL = (4.0, 0.1)
    TROUBLE = (2.0, 0.5)
    IDENTIFY = (0.5, 0.5)
    THANKS = (1.0, 1.0)


def is_lit(signal: Signal, now: float) -> bool:
    """Whether the LED is lit at this moment."""
    period_s, share = signal.value
    return now % period_s < period_s * share


class Staff:
    """Turned by the sampler."""

    def __init__(self, sensors: Sensors) -> None:
        self._button = sensors.button
        self._led = sensors.led
        self._held: int = 0
        self._reading: Reading[int] | None = None
        self._identify_until = self._thanks_until = 0.0

    def turn(self, now: float, has_faults: bool) -> bool:
        """Look at the button and show the LED; True when somebody has said that it is empty."""
        says_empty = self._says_empty(now)
        if says_empty:
            self._thanks_until = now + THANKS_S
        if self._led is not None:
            self._led.show(is_lit(self._signal(now, has_faults), now))
        return says_empty

    def identify(self, now: float) -> str | None:
        """Flash the LED for a minute; why not, where there is none."""
        if self._led is None:
            return "this station has nothing to identify itself with"
        self._identify_until = now + IDENTIFIES_S
        return None

    def faults(self) -> Iterator[Fault]:
        """A button that never lets go."""
        yield from told("staff", self._reading)

    def _says_empty(self, now: float) -> bool:
        if self._button is None:
            return False
        self._reading = self._button.read(now)
        if self._reading.value is None or self._reading.value == self._held:
            return False
        self._held = self._reading.value
        return True

    def _signal(self, now: float, has_faults: bool) -> Signal:
        if now < self._identify_until:
            return Signal.IDENTIFY
        if now < self._thanks_until:
            return Signal.THANKS
        return Signal.TROUBLE if has_faults else Signal.WELL

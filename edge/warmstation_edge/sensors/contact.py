"""A sensor that is one pin: door, presence, heater relay, float, smoke, contactor feedback."""

from __future__ import annotations

from gpiozero.input_devices import InputDevice
from gpiozero.pins import Factory

from warmstation_edge.reading import Reading

_TRUE = Reading.of(True)
_FALSE = Reading.of(False)


class Contact:
    """True while the pin has the level `true_level`, once that has held for `settle_s`.

    Polled, so that no edge of a bouncing contact costs anything.
    """

    def __init__(
        self,
        pin: int,
        *,
        true_level: bool,
        pull_up: bool = True,
        settle_s: float = 0.0,
        pin_factory: Factory,
    ) -> None:
        self._device = InputDevice(pin, pull_up=pull_up, pin_factory=pin_factory)
        self._true_level = true_level
        self._settle_s = settle_s
        self._settled: bool | None = None
        self._changed_at: float | None = None

    def read(self, now: float) -> Reading[bool]:
        """Whether the contact says so; `now` in monotonic seconds."""
        is_true = bool(self._device.pin.state) == self._true_level
        if self._settled is None or is_true == self._settled:
            self._settled, self._changed_at = is_true, None
        elif self._changed_at is None and self._settle_s > 0:
            self._changed_at = now
        elif self._changed_at is None or now - self._changed_at >= self._settle_s:
            self._settled, self._changed_at = is_true, None
        return _TRUE if self._settled else _FALSE

    def close(self) -> None:
        """Let go of the pin."""
        self._device.close()

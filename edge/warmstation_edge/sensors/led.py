"""The staff LED beside the button. Blueprint: `blueprints/staff.toml`."""

from __future__ import annotations

from gpiozero.output_devices import OutputDevice
from gpiozero.pins import Factory


class Led:
    """Lit or dark; the pin is written only when that changes."""

    def __init__(self, pin: int, *, pin_factory: Factory) -> None:
        self._device = OutputDevice(pin, initial_value=False, pin_factory=pin_factory)
        self._is_lit = False

    def show(self, lit: bool) -> None:
        """Light it, or not."""
        if lit != self._is_lit:
            self._is_lit = lit
            self._device.value = lit

    def close(self) -> None:
        """Darken it and let go of the pin."""
        self._device.off()
        self._device.close()

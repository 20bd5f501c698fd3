"""The staff LED beside the button. Blueprint: `blueprints/staff.toml`."""

from __future__ import annotations

import logging

from gpiozero.output_devices import OutputDevice
from gpiozero.pins import Factory

_log = logging.getLogger(__name__)


class Led:
    """Lit or dark; the pin is written only when that changes. A lamp that fails raises nothing."""

    def __init__(self, pin: int, *, pin_factory: Factory) -> None:
        self._device = OutputDevice(pin, initial_value=False, pin_factory=pin_factory)
        self._is_lit = False
        self._is_well = True

    def show(self, lit: bool) -> None:
        """Light it, or not."""
        if lit != self._is_lit:
            self._is_lit = lit
            try:
                self._device.value = lit
            except Exception as error:  # noqa: BLE001 - drivers raise anything; none may stop the rest
                if self._is_well:
                    _log.warning("led: cannot be driven: %s", error)
                self._is_well = False

    def close(self) -> None:
        """Darken it and let go of the pin."""
        self._device.off()
        self._device.close()

"""The contactor of an e-bike point: our output, and the auxiliary contact that answers."""

from __future__ import annotations

import logging

from gpiozero.output_devices import OutputDevice
from gpiozero.pins import Factory

from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.contact import Contact
from warmstation_edge.sensors.guarded import built
from warmstation_edge.sensors.levels import CONTACTOR_CLOSED, DRIVE_CLOSED

_log = logging.getLogger(__name__)
ANSWERS_WITHIN_S = 2.0


class Contactor:
    """Opens when it is built and when it is closed down: without an agent nothing charges."""

    def __init__(self, drive_pin: int, feedback_pin: int, *, pin_factory: Factory) -> None:
        self._drive = OutputDevice(
            drive_pin, active_high=DRIVE_CLOSED, initial_value=False, pin_factory=pin_factory
        )
        self._wanted_closed = False
        self._disagrees_since: float | None = None
        try:
            self._feedback = Contact(
                feedback_pin, true_level=CONTACTOR_CLOSED, pin_factory=pin_factory
            )
        except BaseException:
            self._drive.close()
            raise

    def drive(self, closed: bool) -> None:
        """Close or open it; what the pin refuses is tried again with the next call."""
        if closed != self._wanted_closed:
            self._drive.value = closed
            self._wanted_closed = closed

    def read(self, now: float) -> Reading[bool]:
        """Whether it is closed. Where it has not followed our output within 2 s: `welded` if it
        does not open, `stuck` if it does not close."""
        reading = self._feedback.read(now)
        if reading.value == self._wanted_closed:
            self._disagrees_since = None
            return reading
        if self._disagrees_since is None:
            self._disagrees_since = now
        if now - self._disagrees_since >= ANSWERS_WITHIN_S:
            return Reading.without(Missing.STUCK if self._wanted_closed else Missing.WELDED)
        return reading

    def close(self) -> None:
        """Open it and let go of the pins."""
        try:
            if not self._drive.closed:
                self._drive.off()
        finally:  # a pin that is let go floats, and its driver opens
            self._drive.close()
            self._feedback.close()


class GuardedContactor:
    """A contactor that raises nothing: what cannot be built, driven or read is `absent`."""

    def __init__(
        self, name: str, drive_pin: int, feedback_pin: int, *, pin_factory: Factory
    ) -> None:
        self.name = name
        self._is_well = True
        self._contactor = built(
            name, lambda: Contactor(drive_pin, feedback_pin, pin_factory=pin_factory)
        )

    def turn(self, closed: bool, now: float) -> Reading[bool]:
        """Drive it, and tell whether it is closed."""
        if self._contactor is None:
            return Reading.without(Missing.ABSENT)
        try:
            self._contactor.drive(closed)
            reading = self._contactor.read(now)
        except Exception as error:  # noqa: BLE001 - drivers raise anything; none may stop the rest
            if self._is_well:
                _log.warning("%s: its contactor cannot be reached: %s", self.name, error)
            self._is_well = False
            return Reading.without(Missing.ABSENT)
        self._is_well = True
        return reading

    def close(self) -> None:
        """Open it and let go of the pins."""
        if self._contactor is not None:
            self._contactor.close()

"""A wall around a sensor: whatever it raises stays here and becomes `absent`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from warmstation_edge.reading import Missing, Reading

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Closable(Protocol):
    """A piece of hardware that holds pins."""

    def close(self) -> None:
        """Let go of them."""
        ...


class Sensor(Protocol[T]):
    """A piece of hardware that can be asked, at `now` in monotonic seconds, without waiting."""

    def read(self, now: float) -> Reading[T]:
        """What it says."""
        ...

    def close(self) -> None:
        """Let go of its pins."""
        ...


class Guarded(Generic[T]):
    """A sensor that cannot fail: what cannot be built or read is `absent`, logged once."""

    def __init__(self, name: str, build: Callable[[], Sensor[T]]) -> None:
        self.name = name
        self._is_well = True
        self._sensor = built(name, build)

    def read(self, now: float) -> Reading[T]:
        """What the sensor says, or that it is absent."""
        if self._sensor is None:
            return Reading.without(Missing.ABSENT)
        try:
            reading = self._sensor.read(now)
        except Exception as error:  # noqa: BLE001 - drivers raise anything; none may stop the rest
            if self._is_well:
                _log.warning("%s cannot be read: %s", self.name, error)
            self._is_well = False
            return Reading.without(Missing.ABSENT)
        self._is_well = True
        return reading

    def close(self) -> None:
        """Let go of its pins."""
        if self._sensor is not None:
            self._sensor.close()


def built(name: str, build: Callable[[], T]) -> T | None:
    """What `build` makes, or None, logged, where this station's hardware does not allow it."""
    try:
        return build()
    except Exception as error:  # noqa: BLE001 - one pin that is taken must not stop the station
        _log.warning("%s cannot be set up: %s", name, error)
        return None


def closed(thing: Closable) -> None:
    """Close it; what it raises is logged, so that the others are closed too."""
    try:
        thing.close()
    except Exception as error:  # noqa: BLE001 - a driver that fails must not keep a contactor closed
        _log.warning("%s cannot be closed: %s", type(thing).__name__, error)

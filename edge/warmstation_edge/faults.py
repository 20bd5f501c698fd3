"""A reading without a value as the wire's Fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warmstation_edge.reading import Missing, Reading
from warmstation_wire import Fault


def told(sensor: str, reading: Reading[Any] | None) -> Iterator[Fault]:
    """The fault that this reading means; none where it has a value or is still awaited."""
    if reading is not None and reading.missing not in (None, Missing.WAITING):
        assert reading.missing is not None  # noqa: S101 - the line above says so
        yield Fault(sensor=sensor, reason=reading.missing.value)

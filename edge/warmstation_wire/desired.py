"""What the server wants a station to do, and what the station made of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from warmstation_wire.parts import Count, Name, Payload, Version


class Calibration(Payload):
    """A sensor's correction: value * scale + offset, in the sensor's own unit."""

    scale: Annotated[float, Field(gt=0, le=1000)] = 1.0
    offset: Annotated[float, Field(ge=-1000, le=1000)] = 0.0


class Desired(Payload):
    """Configuration for a station; what is absent stays as the station has it.

    `report_s`: longest silence between two reports. `debounce_s`: shortest time between two
    reports on change. `sample_s`: how often slow sensors are read. All in seconds.
    """

    v: Version = 1
    revision: Count
    report_s: Annotated[float, Field(ge=1, le=300)] | None = None
    debounce_s: Annotated[float, Field(ge=0.1, le=60)] | None = None
    sample_s: Annotated[float, Field(ge=0.5, le=60)] | None = None
    setpoint_c: Annotated[float, Field(ge=0, le=40)] | None = None
    hours: Annotated[str, Field(max_length=255, examples=["Mo-Su 07:00-22:00"])] | None = None
    calibration: dict[Name, Calibration] | None = None


class Applied(Payload):
    """The revision that a station took, or the reason why it did not."""

    v: Version = 1
    revision: Count | None = None
    ok: bool
    reason: Annotated[str, Field(max_length=200)] | None = None

"""The station profile: which sensor hangs on which pin, and where reports go.

One TOML file a station, read once at start by `__main__` and the simulator. Pins are BCM numbers;
a channel is written as the ADC's id and the channel's number: `a0`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from warmstation_edge.equipment import (
    Adc,
    Channel,
    ChargerWiring,
    Contact,
    DoorPins,
    EbikePoint,
    File,
    Heater,
    Humidity,
    I2cBus,
    Modbus,
    OneWire,
    PhoneSocket,
    Pin,
    Presence,
    ProbeId,
    Staff,
    SupplyWiring,
    Table,
)
from warmstation_edge.errors import BadProfile
from warmstation_edge.profile_lines import line_of
from warmstation_edge.wiring import (
    clash_of_pins,
    missing_adc,
    missing_bus,
    missing_one_wire,
    name_twice,
    stray_calibration,
    two_rooms,
)
from warmstation_wire import Calibration
from warmstation_wire.parts import Id, Name

__all__ = [
    "Adc",
    "Channel",
    "Contact",
    "DoorPins",
    "EbikePoint",
    "Heater",
    "OneWire",
    "PhoneSocket",
    "Pin",
    "ProbeId",
    "Profile",
    "SupplyWiring",
    "parse",
    "read",
]

_CHECKS = (
    clash_of_pins,
    missing_adc,
    missing_one_wire,
    missing_bus,
    two_rooms,
    name_twice,
    stray_calibration,
)


class Station(Table):
    """Who this is; the same ids as in the server's registry."""

    id: Id
    district: Id


class Tls(Table):
    """Certificates as files; `cert` and `key` where the broker asks for one of the station."""

    ca: File
    cert: File | None = None
    key: File | None = None


class Broker(Table):
    """Where reports go. The user name is the station's id unless it is given."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str | None = None
    password_file: File | None = None
    tls: Tls | None = None


class OutboxLimits(Table):
    """Where unsent reports are kept and how often the card is written.

    `max_mb` is of all files together: in less than 4 the log alone, which is written first, has no
    room.
    """

    path: File = Path("/var/lib/warmstation/outbox.db")
    max_mb: Annotated[float, Field(ge=4, le=100_000)] = 64
    batch_s: Annotated[float, Field(ge=0, le=60)] = 60
    batch_reports: Annotated[int, Field(ge=1, le=60)] = 60


class Reporting(Table):
    """Intervals in seconds; the server may change them by `desired` (wire.Desired)."""

    report_s: Annotated[float, Field(ge=1, le=300)] = 60
    debounce_s: Annotated[float, Field(ge=0.1, le=60)] = 2
    sample_s: Annotated[float, Field(ge=0.5, le=60)] = 5


class Profile(Table):
    """A whole station. A table that is left out is equipment that the station does not have."""

    station: Station
    broker: Broker = Broker()
    outbox: OutboxLimits = OutboxLimits()
    report: Reporting = Reporting()
    door: DoorPins | None = None
    presence: Presence | None = None
    one_wire: OneWire | None = None
    adc: Annotated[tuple[Adc, ...], Field(strict=False, max_length=4)] = ()
    heater: Heater | None = None
    chargers: Annotated[tuple[ChargerWiring, ...], Field(strict=False, max_length=32)] = ()
    supplies: Annotated[tuple[SupplyWiring, ...], Field(strict=False, max_length=32)] = ()
    smoke: Contact | None = None
    staff: Staff | None = None
    i2c: I2cBus | None = None
    humidity: Humidity | None = None
    modbus: Modbus | None = None
    calibration: dict[Name, Calibration] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _wired_soundly(self) -> Self:
        for check in _CHECKS:
            said = check(self)
            if said:
                raise ValueError(said)
        return self


def read(path: Path) -> Profile:
    """The profile in this file; BadProfile with one sentence where it cannot be used."""
    try:
        text = path.read_text("utf-8")
        given = tomllib.loads(text)
    except OSError as error:
        raise BadProfile(path, "file", f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadProfile(path, "file", "is not TOML: it is not UTF-8") from None
    except ValueError as error:
        raise BadProfile(path, "file", f"is not TOML: {error}") from None
    return parse(given, path, text)


def parse(given: dict[str, Any], path: Path = Path("profile"), text: str = "") -> Profile:
    """The profile in these tables; `path` and `text` only serve to name a place in errors."""
    try:
        return Profile.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "profile"
        said = first["msg"].removeprefix("Value error, ")
        raise BadProfile(path, key, said, line_of(text, first["loc"], said)) from None

"""The station profile: which sensor hangs on which pin, and where reports go.

One TOML file a station, read once at start by `__main__` and the simulator. Pins are BCM numbers;
a channel is written as the ADC's id and the channel's number: `a0`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warmstation_edge.errors import BadProfile
from warmstation_edge.wiring import (
    clash_of_pins,
    missing_adc,
    missing_one_wire,
    name_twice,
    stray_calibration,
)
from warmstation_wire import Calibration
from warmstation_wire.parts import Id, Name

Pin = Annotated[int, Field(ge=2, le=27, description="BCM number; 0 and 1 belong to HATs")]
Channel = Annotated[str, Field(pattern=r"^[a-z]{1,8}[0-7]$", examples=["a0"])]
ProbeId = Annotated[str, Field(pattern=r"^28-[0-9a-f]{12}$", examples=["28-0316a2795aff"])]
File = Annotated[Path, Field(strict=False)]
Volts = Annotated[float, Field(ge=0, le=3.3)]
WattsPerVolt = Annotated[float, Field(gt=0, le=30_000)]


_CHECKS = (clash_of_pins, missing_adc, missing_one_wire, name_twice, stray_calibration)


class Table(BaseModel):
    """A table of the profile: strict, frozen, with no key that it does not know."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        stray = sorted(set(given) - set(cls.model_fields)) if isinstance(given, dict) else []
        if stray:
            raise ValueError(f"unknown key {stray[0]!r}; allowed are {', '.join(cls.model_fields)}")
        return given


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
    """Where unsent reports are kept and how often the card is written."""

    path: File = Path("/var/lib/warmstation/outbox.db")
    max_mb: Annotated[float, Field(gt=0, le=100_000)] = 64
    batch_s: Annotated[float, Field(ge=0, le=60)] = 60
    batch_reports: Annotated[int, Field(ge=1, le=60)] = 60


class Reporting(Table):
    """Intervals in seconds; the server may change them by `desired` (wire.Desired)."""

    report_s: Annotated[float, Field(ge=1, le=300)] = 60
    debounce_s: Annotated[float, Field(ge=0.1, le=60)] = 2
    sample_s: Annotated[float, Field(ge=0.5, le=60)] = 5


class DoorPins(Table):
    """Two beams across the door, the outer one nearer the street, and perhaps a reed contact."""

    outer_beam_pin: Pin
    inner_beam_pin: Pin
    contact_pin: Pin | None = None


class Contact(Table):
    """A sensor that is one pin."""

    pin: Pin


class OneWire(Table):
    """DS18B20 probes by their ids below `root`; `pin` is the one that dtoverlay=w1-gpio took."""

    root: File = Path("/sys/bus/w1/devices")
    pin: Pin = 4
    room: ProbeId | None = None
    outlet: ProbeId | None = None
    outdoor: ProbeId | None = None


class Adc(Table):
    """An MCP3008 and its four SPI pins; ADCs may share all but `select_pin`."""

    id: Annotated[str, Field(pattern=r"^[a-z]{1,8}$")]
    clock_pin: Pin = 11
    mosi_pin: Pin = 10
    miso_pin: Pin = 9
    select_pin: Pin = 8


class Heater(Table):
    """Relay sense contact, and a power transducer where there is one."""

    on_pin: Pin
    channel: Channel | None = None
    watts_per_volt: WattsPerVolt = 1000
    zero_v: Volts = 0
    setpoint_c: Annotated[float, Field(ge=0, le=40)] | None = None


class PhoneSocket(Table):
    """A phone socket with a current transducer; `zero_v` is its output without load."""

    id: Name
    kind: Literal["phone"]
    channel: Channel
    watts_per_volt: WattsPerVolt
    zero_v: Volts = 0


class EbikePoint(Table):
    """An e-bike point: power, contactor with feedback, and a probe in the cabinet."""

    id: Name
    kind: Literal["ebike"]
    channel: Channel
    watts_per_volt: WattsPerVolt
    zero_v: Volts = 0
    contactor_pin: Pin
    feedback_pin: Pin
    probe: ProbeId
    max_w: Annotated[float, Field(gt=0, le=5000)] = 1200
    max_c: Annotated[float, Field(ge=30, le=90)] = 60
    max_h: Annotated[float, Field(gt=0, le=24)] = 8


ChargerWiring = Annotated[PhoneSocket | EbikePoint, Field(discriminator="kind")]


class SupplyWiring(Table):
    """What is on the shelf: a level by ADC, or a float contact that opens when it is low."""

    item: Name
    channel: Channel | None = None
    empty_v: Volts = 0
    full_v: Volts = 3.3
    low_pin: Pin | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.channel is None) == (self.low_pin is None):
            raise ValueError(f"{self.item} needs either channel or low_pin, and not both")
        if self.empty_v == self.full_v:
            raise ValueError(f"{self.item}: empty_v and full_v must differ")
        return self


class Profile(Table):
    """A whole station. A table that is left out is equipment that the station does not have."""

    station: Station
    broker: Broker = Broker()
    outbox: OutboxLimits = OutboxLimits()
    report: Reporting = Reporting()
    door: DoorPins | None = None
    presence: Contact | None = None
    one_wire: OneWire | None = None
    adc: Annotated[tuple[Adc, ...], Field(strict=False, max_length=4)] = ()
    heater: Heater | None = None
    chargers: Annotated[tuple[ChargerWiring, ...], Field(strict=False, max_length=32)] = ()
    supplies: Annotated[tuple[SupplyWiring, ...], Field(strict=False, max_length=32)] = ()
    smoke: Contact | None = None
    calibration: dict[Name, Calibration] = {}

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
        given = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadProfile(path, "file", f"cannot be read ({error.strerror})") from None
    except ValueError as error:  # TOML and UTF-8 errors both are
        raise BadProfile(path, "file", f"is not TOML: {error}") from None
    return parse(given, path)


def parse(given: dict[str, Any], path: Path = Path("profile")) -> Profile:
    """The profile in these tables; `path` only names it in errors."""
    try:
        return Profile.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "profile"
        raise BadProfile(path, key, first["msg"].removeprefix("Value error, ")) from None

"""The tables of a profile that describe hardware: what hangs on which pin, channel or bus.

`profile` puts them together; pins are BCM numbers, and every key that ends in `pin` is checked
against all others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warmstation_edge.shadows import APART_M
from warmstation_wire.parts import Name

Pin = Annotated[int, Field(ge=2, le=27, description="BCM number; 0 and 1 belong to HATs")]
Channel = Annotated[str, Field(pattern=r"^[a-z]{1,8}[0-7]$", examples=["a0"])]
ProbeId = Annotated[str, Field(pattern=r"^28-[0-9a-f]{12}$", examples=["28-0316a2795aff"])]
File = Annotated[Path, Field(strict=False)]
Volts = Annotated[float, Field(ge=0, le=3.3)]
WattsPerVolt = Annotated[float, Field(gt=0, le=30_000)]
MuxChannel = Annotated[int, Field(ge=0, le=7)]
MeterAddress = Annotated[int, Field(ge=1, le=247, description="Modbus slave address")]
Kilograms = Annotated[float, Field(ge=0, le=1000)]
PresenceKind = Literal["radar", "pir"]
_LONGEST_POINT = 40 - len(".contactor")
"""A fault's sensor has 40 characters at most (wire.parts.Name)."""


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


class DoorPins(Table):
    """Two beams across the door, the outer one nearer the street, and perhaps a reed contact.

    `apart_m` is between the beams: with it a shadow's length tells a bag from a body.
    """

    outer_beam_pin: Pin
    inner_beam_pin: Pin
    apart_m: Annotated[float, Field(ge=0.05, le=0.4)] = APART_M
    contact_pin: Pin | None = None


class Contact(Table):
    """A sensor that is one pin."""

    pin: Pin


class Presence(Table):
    """One or two sensors that see whether somebody is there, each with its output pin.

    A radar (LD2410) sees who rests without moving; a PIR only who moves.
    """

    pin: Pin
    kind: PresenceKind = "radar"
    second_pin: Pin | None = None
    second_kind: PresenceKind = "pir"


class Staff(Table):
    """A button to ground that staff holds when the room is empty, and an LED."""

    button_pin: Pin | None = None
    led_pin: Pin | None = None


class I2cBus(Table):
    """The I2C bus (dtparam=i2c_arm=on) and the TCA9548A multiplexer on it."""

    bus: Annotated[int, Field(ge=0, le=31)] = 1
    data_pin: Pin = 2
    clock_pin: Pin = 3
    mux_address: Annotated[int, Field(ge=0x70, le=0x77)] = 0x70


class Humidity(Table):
    """An SHT31. `is_room`: its temperature is the room's, where no 1-Wire probe is."""

    address: Literal[0x44, 0x45] = 0x44
    mux_channel: MuxChannel | None = None
    is_room: bool = False


class Modbus(Table):
    """The serial line of the meters; /dev/serial0 takes GPIO14 and GPIO15.

    `answer_s`: how long a meter may take before it counts as absent.
    """

    port: File = Path("/dev/ttyUSB0")
    baud: Literal[2400, 4800, 9600, 19200] = 9600
    answer_s: float = Field(0.3, ge=0.05, le=5)


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
    """Relay sense contact, and its power: by a transducer, a Modbus meter, or S0 pulses."""

    on_pin: Pin
    channel: Channel | None = None
    watts_per_volt: WattsPerVolt = 1000
    zero_v: Volts = 0
    meter: MeterAddress | None = None
    pulse_pin: Pin | None = None
    pulses_per_kwh: Annotated[float, Field(ge=1, le=100_000)] = 1000
    setpoint_c: Annotated[float, Field(ge=0, le=40)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.channel, self.meter, self.pulse_pin)
        if sum(way is not None for way in ways) > 1:
            raise ValueError("heater has one of channel, meter and pulse_pin, and not two")
        return self


class PhoneSocket(Table):
    """A phone socket with a current transducer; `zero_v` is its output without load."""

    id: Name
    kind: Literal["phone"]
    channel: Channel
    watts_per_volt: WattsPerVolt
    zero_v: Volts = 0


class EbikePoint(Table):
    """An e-bike point: power (a Modbus meter or a transducer), contactor with feedback, probe."""

    id: Name
    kind: Literal["ebike"]
    channel: Channel | None = None
    watts_per_volt: WattsPerVolt | None = None
    zero_v: Volts = 0
    meter: MeterAddress | None = None
    contactor_pin: Pin
    feedback_pin: Pin
    probe: ProbeId
    max_w: Annotated[float, Field(gt=0, le=5000)] = 1200
    max_c: Annotated[float, Field(ge=30, le=90)] = 60
    max_h: Annotated[float, Field(gt=0, le=24)] = 8

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self.id) > _LONGEST_POINT:
            raise ValueError(
                f"{self.id}: an e-bike point's id has at most {_LONGEST_POINT} characters,"
                " for its contactor and its probe are named after it"
            )
        if (self.channel is None) == (self.meter is None):
            raise ValueError(f"{self.id} needs either channel or meter, and not both")
        if self.channel is not None and self.watts_per_volt is None:
            raise ValueError(f"{self.id}: channel needs watts_per_volt")
        return self


ChargerWiring = Annotated[PhoneSocket | EbikePoint, Field(discriminator="kind")]


class SupplyWiring(Table):
    """What is on the shelf: a level by ADC, a float contact, or a scale behind the multiplexer."""

    item: Name
    channel: Channel | None = None
    empty_v: Volts = 0
    full_v: Volts = 3.3
    low_pin: Pin | None = None
    scale_channel: MuxChannel | None = None
    zero_counts: float = 0
    counts_per_kg: float = 100_000
    empty_kg: Kilograms = 0
    full_kg: Kilograms = 10

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.channel, self.low_pin, self.scale_channel)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(f"{self.item} needs one of channel, low_pin and scale_channel")
        if self.empty_v == self.full_v:
            raise ValueError(f"{self.item}: empty_v and full_v must differ")
        if self.empty_kg == self.full_kg:
            raise ValueError(f"{self.item}: empty_kg and full_kg must differ")
        if self.counts_per_kg == 0:
            raise ValueError(f"{self.item}: counts_per_kg must not be 0")
        return self

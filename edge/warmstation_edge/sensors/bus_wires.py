"""A profile's tables as things on I2C and on the serial line. `build` puts them together.

None of their libraries is imported here: what is missing comes out as a reading's reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from warmstation_edge.profile import Profile
from warmstation_edge.sensors.background import Background
from warmstation_edge.sensors.guarded import Closable
from warmstation_edge.sensors.i2c import I2c, LinuxI2c
from warmstation_edge.sensors.nau7802 import Nau7802, Scale, Shelf
from warmstation_edge.sensors.pzem016 import Pzem016
from warmstation_edge.sensors.serial_line import SerialLine
from warmstation_edge.sensors.sht31 import Air, Sht31
from warmstation_edge.sensors.tca9548a import MuxChannel

AIR_EVERY_S = 5.0
SCALES_EVERY_S = 10.0
METERS_EVERY_S = 1.0


@dataclass(frozen=True)
class Buses:
    """The station's buses; None = it has none. Given ones are the mock board's."""

    i2c: I2c | None = None
    line: SerialLine | None = None

    def own(self) -> Iterator[Closable]:
        """What is to be closed with the sensors."""
        if isinstance(self.i2c, LinuxI2c):
            yield self.i2c
        if self.line is not None:
            yield self.line


def buses_of(profile: Profile, i2c: I2c | None = None) -> Buses:
    """The buses of a profile, unopened."""
    own = LinuxI2c(profile.i2c.bus) if profile.i2c and i2c is None else i2c
    modbus = profile.modbus
    line = SerialLine(modbus.port, modbus.baud, modbus.answer_s) if modbus else None
    return Buses(own, line)


class BusWires:
    """A profile, seen as devices on buses that are asked on an executor."""

    def __init__(self, profile: Profile, buses: Buses, executor: Executor) -> None:
        self._profile = profile
        self._i2c = buses.i2c
        self._line = buses.line
        self._executor = executor

    def air(self) -> Background[Air] | None:
        """The SHT31."""
        humidity = self._profile.humidity
        if humidity is None or self._i2c is None:
            return None
        chip = Sht31(self._behind(humidity.mux_channel), humidity.address)
        return Background("humidity", chip.ask, self._executor, AIR_EVERY_S)

    def meters(self) -> dict[str, Background[float]]:
        """The Modbus meters, by the name of what they measure."""
        heater = self._profile.heater
        slaves = {one.id: one.meter for one in self._profile.chargers if one.kind == "ebike"}
        slaves |= {"heater": heater.meter} if heater else {}
        line = self._line
        if line is None:
            return {}
        return {
            name: Background(name, Pzem016(line, slave).ask, self._executor, METERS_EVERY_S)
            for name, slave in slaves.items()
            if slave is not None
        }

    def scales(self) -> dict[str, Scale]:
        """The load cells of the shelves, by the item on them."""
        return {
            one.item: Scale(
                Nau7802(self._behind(one.scale_channel)).ask,
                Shelf(one.zero_counts, one.counts_per_kg, one.empty_kg, one.full_kg),
            )
            for one in self._profile.supplies
            if one.scale_channel is not None and self._i2c is not None
        }

    def levels(self, scales: Mapping[str, Scale]) -> dict[str, Background[float]]:
        """The same, asked again and again."""
        return {
            item: Background(item, scale.ask, self._executor, SCALES_EVERY_S)
            for item, scale in scales.items()
        }

    def _behind(self, channel: int | None) -> I2c:
        assert self._i2c is not None  # noqa: S101 - the callers have looked
        assert self._profile.i2c is not None  # noqa: S101 - the profile has made sure
        if channel is None:
            return self._i2c
        return MuxChannel(self._i2c, self._profile.i2c.mux_address, channel)

"""Temperatures and the heater: probes, relay sense, power -> wire Climate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from warmstation_edge.calibration import (
    HUMIDITY_PCT,
    OUTDOOR_C,
    OUTLET_C,
    POWER_W,
    ROOM_C,
    Band,
    corrected,
    corrected_within,
)
from warmstation_edge.faults import told
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_edge.sensors.sht31 import Air
from warmstation_edge.sensors.temperature import TemperatureProbe
from warmstation_wire import Calibration, Climate, Fault

_BANDS: Mapping[str, Band] = {"room": ROOM_C, "outlet": OUTLET_C, "outdoor": OUTDOOR_C}
_WARMED = frozenset({"room", "outlet"})


class Warmth:
    """Turned and sampled by the sampler."""

    def __init__(
        self,
        sensors: Sensors,
        calibration: Mapping[str, Calibration],
        setpoint_c: float | None,
        is_room: bool = False,
    ) -> None:
        self._calibration = calibration
        self._setpoint_c = setpoint_c
        self._heating_sensor = sensors.heating
        self._power_sensor = sensors.heater_w
        self._air_sensor = sensors.air
        self._is_room = is_room
        self._humidity: Reading[float] | None = None
        self._probes: dict[str, TemperatureProbe] = {
            name: sensors.probes[name] for name in _BANDS if name in sensors.probes
        }
        self._celsius: dict[str, Reading[float]] = {}
        self._heating: Reading[bool] | None = None
        self._power: Reading[float] | None = None
        self._on_wire: Climate | None = None

    def turn(self, now: float) -> None:
        """Look at the relay; take the temperatures that have come."""
        if self._heating_sensor is not None:
            was, self._heating = self._heating, self._heating_sensor.read(now)
            if was != self._heating:
                self._on_wire = None
        for name, probe in self._probes.items():
            if probe.turn(now):
                self._take(name, probe.reading)

    def sample(self, now: float) -> None:
        """Begin to read the probes, and read the heater's power."""
        heating = self._heating.value if self._heating else None
        for name, probe in self._probes.items():
            if probe.start(now, heating if name in _WARMED else None):
                self._take(name, probe.reading)
        if self._power_sensor is not None:
            read = self._power_sensor.read(now)
            self._power = corrected_within(read, self._calibration.get("heater"), POWER_W)
            self._on_wire = None
        if self._air_sensor is not None:
            self._breathe(self._air_sensor.read(now))

    def set_setpoint(self, setpoint_c: float) -> None:
        """What the room is to be heated to, from now on."""
        self._setpoint_c = setpoint_c
        self._on_wire = None

    def on_wire(self) -> Climate | None:
        """The wire's climate; None where nothing of it is measured."""
        measures = self._probes or self._heating is not None or self._air_sensor is not None
        if self._on_wire is None and measures:
            self._on_wire = self._climate()
        return self._on_wire

    def faults(self) -> Iterator[Fault]:
        """What gives no value."""
        for name, celsius in self._celsius.items():
            yield from told(name, celsius)
        yield from told("humidity", self._humidity)
        heater = (
            fault for reading in (self._heating, self._power) for fault in told("heater", reading)
        )
        yield from islice(heater, 1)

    def _breathe(self, air: Reading[Air]) -> None:
        """Humidity, and the room's temperature where the SHT31 is the one that measures it."""
        if air.value is None:
            celsius: Reading[float] = Reading(None, air.missing, air.detail)
            self._humidity = celsius
        else:
            celsius, share = Reading.of(air.value.celsius), Reading.of(air.value.humidity_pct)
            self._humidity = corrected(share, self._calibration.get("humidity"), HUMIDITY_PCT)
        if self._is_room:
            self._celsius["room"] = corrected(celsius, self._calibration.get("room"), ROOM_C)
        self._on_wire = None

    def _take(self, name: str, reading: Reading[float] | None) -> None:
        if reading is not None:
            calibration = self._calibration.get(name)
            self._celsius[name] = corrected(reading, calibration, _BANDS[name])
            self._on_wire = None

    def _climate(self) -> Climate:
        heating = self._heating.value if self._heating else None
        return Climate(
            room_c=_rounded(self._celsius.get("room")),
            outlet_c=_rounded(self._celsius.get("outlet")),
            outdoor_c=_rounded(self._celsius.get("outdoor")),
            humidity_pct=_humidity_pct(self._humidity),
            setpoint_c=self._setpoint_c,
            heating=None if heating is None else "on" if heating else "off",
            heater_w=_rounded(self._power, 1),
        )


def _rounded(reading: Reading[float] | None, digits: int = 2) -> float | None:
    return None if reading is None or reading.value is None else round(reading.value, digits)


def _humidity_pct(reading: Reading[float] | None) -> float | None:
    """Held within 0..100: the chip may say a little more where water condenses."""
    value = _rounded(reading, 1)
    return None if value is None else min(100.0, max(0.0, value))

"""Temperatures and the heater: probes, relay sense, power -> wire Climate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warmstation_edge.calibration import (
    OUTDOOR_C,
    OUTLET_C,
    POWER_W,
    ROOM_C,
    Band,
    corrected,
    corrected_within,
)
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_edge.sensors.temperature import TemperatureProbe
from warmstation_wire import Calibration, Climate, Fault

_BANDS: Mapping[str, Band] = {"room": ROOM_C, "outlet": OUTLET_C, "outdoor": OUTDOOR_C}
_WARMED = frozenset({"room", "outlet"})


class Warmth:
    """Turned and sampled by the sampler."""

    def __init__(self, sensors: Sensors, setpoint_c: float | None) -> None:
        self.setpoint_c = setpoint_c
        self._heating_sensor = sensors.heating
        self._power_sensor = sensors.heater_w
        self._probes: dict[str, TemperatureProbe] = {
            name: sensors.probes[name] for name in _BANDS if name in sensors.probes
        }
        self._heating: Reading[bool] | None = None
        self._power: Reading[float] | None = None

    def turn(self, now: float) -> None:
        """Look at the relay; take the temperatures that have come."""
        if self._heating_sensor is not None:
            self._heating = self._heating_sensor.read(now)
        for probe in self._probes.values():
            probe.turn(now)

    def sample(self, now: float) -> None:
        """Begin to read the probes, and read the heater's power."""
        heating = self._heating.value if self._heating else None
        for name, probe in self._probes.items():
            probe.start(now, heating if name in _WARMED else None)
        if self._power_sensor is not None:
            self._power = self._power_sensor.read(now)

    def on_wire(self, calibration: Mapping[str, Calibration]) -> Climate | None:
        """The wire's climate; None where nothing of it is measured."""
        if not self._probes and self._heating is None:
            return None
        celsius = dict(self._readings(calibration))
        heating = self._heating.value if self._heating else None
        return Climate(
            room_c=_rounded(celsius.get("room")),
            outlet_c=_rounded(celsius.get("outlet")),
            outdoor_c=_rounded(celsius.get("outdoor")),
            setpoint_c=self.setpoint_c,
            heating=None if heating is None else "on" if heating else "off",
            heater_w=_rounded(self._power_w(calibration), 1),
        )

    def faults(self, calibration: Mapping[str, Calibration]) -> Iterator[Fault]:
        """What gives no value."""
        readings = [*self._readings(calibration)]
        heater = self._heating if self._heating and self._heating.missing else None
        for name, reading in (*readings, ("heater", heater or self._power_w(calibration))):
            if reading is not None and reading.missing is not None:
                yield Fault(sensor=name, reason=reading.missing.value)

    def _readings(
        self, calibration: Mapping[str, Calibration]
    ) -> Iterator[tuple[str, Reading[float] | None]]:
        for name, probe in self._probes.items():
            reading = probe.reading
            yield name, reading and corrected(reading, calibration.get(name), _BANDS[name])

    def _power_w(self, calibration: Mapping[str, Calibration]) -> Reading[float] | None:
        if self._power is None:
            return None
        return corrected_within(self._power, calibration.get("heater"), POWER_W)


def _rounded(reading: Reading[float] | None, digits: int = 2) -> float | None:
    return None if reading is None or reading.value is None else round(reading.value, digits)

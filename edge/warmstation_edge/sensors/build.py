"""A profile's sensors, wired: the one place that turns pins, channels and buses into things."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpiozero.exc import SPISoftwareFallback
from gpiozero.pins import Factory

from warmstation_edge.clock import Clock
from warmstation_edge.profile import Profile
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.background import Background
from warmstation_edge.sensors.beams import GuardedBeams
from warmstation_edge.sensors.board import own_board
from warmstation_edge.sensors.bus_wires import Buses, BusWires, buses_of
from warmstation_edge.sensors.contactor import GuardedContactor
from warmstation_edge.sensors.guarded import Guarded, Sensor, closed
from warmstation_edge.sensors.host import Host, HostState
from warmstation_edge.sensors.i2c import I2c
from warmstation_edge.sensors.led import Led
from warmstation_edge.sensors.nau7802 import Scale
from warmstation_edge.sensors.pin_wires import PinWires
from warmstation_edge.sensors.sht31 import Air
from warmstation_edge.sensors.slow import Slow
from warmstation_edge.sensors.temperature import TemperatureProbe

_SYS = Path("/sys")


@dataclass(frozen=True)
class Sensors:
    """All of a station's hardware by the names of its profile; None = it has none of that."""

    host: Slow[HostState]
    beams: GuardedBeams | None = None
    door: Guarded[bool] | None = None
    presence: Guarded[bool] | None = None
    second_presence: Guarded[bool] | None = None
    smoke: Guarded[bool] | None = None
    heating: Guarded[bool] | None = None
    heater_w: Sensor[float] | None = None
    air: Background[Air] | None = None
    probes: dict[str, TemperatureProbe] = field(default_factory=dict)
    power_w: dict[str, Sensor[float]] = field(default_factory=dict)
    contactors: dict[str, GuardedContactor] = field(default_factory=dict)
    levels: dict[str, Sensor[float]] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    button: Guarded[int] | None = None
    led: Led | None = None
    buses: Buses = field(default_factory=Buses)
    background: tuple[Background[Any], ...] = ()

    def turn(self, now: float) -> None:
        """Let what is asked in the background go on."""
        for sensor in self.background:
            sensor.turn(now)

    def close(self) -> None:
        """Open every contactor, then let go of all pins and buses."""
        contacts = (self.door, self.presence, self.second_presence, self.smoke, self.heating)
        others = (self.heater_w, self.beams, self.button, self.led)
        gauges = (*self.power_w.values(), *self.levels.values())
        for sensor in (*self.contactors.values(), *contacts, *others, *gauges, *self.buses.own()):
            if sensor is not None:
                closed(sensor)


def build(
    profile: Profile,
    clock: Clock,
    executor: Executor,
    pin_factory: Factory | None = None,
    sys_root: Path = _SYS,
    i2c: I2c | None = None,
) -> Sensors:
    """The station's sensors on this board; None is the Pi's own, NoBoard where there is none.

    What cannot be set up is in there too, and reads `absent`. `i2c` is a mock board's bus.
    """
    pins = PinWires(profile, pin_factory or own_board(), clock.monotonic)
    buses = buses_of(profile, i2c)
    on_bus = BusWires(profile, buses, executor)
    air, meters, scales = on_bus.air(), on_bus.meters(), on_bus.scales()
    shelves = on_bus.levels(scales)
    background = (*((air,) if air else ()), *meters.values(), *shelves.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SPISoftwareFallback)  # fast enough at one sample in 5 s
        return Sensors(
            host=_host(profile, executor, sys_root),
            beams=pins.beams(),
            door=pins.door(),
            presence=pins.presence(),
            second_presence=pins.second_presence(),
            smoke=pins.smoke(),
            heating=pins.heating(),
            heater_w=meters.pop("heater", None) or pins.heater_w(),
            air=air,
            probes=pins.probes(executor),
            power_w={**pins.power_w(), **meters},
            contactors=pins.contactors(),
            levels={**pins.levels(), **shelves},
            scales=scales,
            button=pins.button(),
            led=pins.led(),
            buses=buses,
            background=background,
        )


def _host(profile: Profile, executor: Executor, sys_root: Path) -> Slow[HostState]:
    host = Host(profile.outbox.path.parent, sys_root)
    return Slow("host", lambda: Reading.of(host.read()), executor)

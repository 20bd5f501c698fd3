"""A profile's sensors, wired: the one place that turns pins and channels into things."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from gpiozero import BadPinFactory, Device, SPISoftwareFallback
from gpiozero.pins import Factory

from warmstation_edge.clock import Clock
from warmstation_edge.errors import NoBoard
from warmstation_edge.profile import Adc, EbikePoint, Profile, SupplyWiring
from warmstation_edge.reading import Reading
from warmstation_edge.sensors import levels
from warmstation_edge.sensors.adc import AdcChannel, LevelGauge, PowerTransducer
from warmstation_edge.sensors.beams import BeamPair, GuardedBeams
from warmstation_edge.sensors.contact import Contact
from warmstation_edge.sensors.contactor import GuardedContactor
from warmstation_edge.sensors.guarded import Guarded, Sensor, closed
from warmstation_edge.sensors.host import Host, HostState
from warmstation_edge.sensors.low_float import LowFloat
from warmstation_edge.sensors.slow import Slow
from warmstation_edge.sensors.temperature import TemperatureProbe

_SYS = Path("/sys")
SMOKE_SETTLES_S = 0.4
"""A relay's bounce is no smoke; two turns in a row are."""


@dataclass(frozen=True)
class Sensors:
    """All of a station's hardware by the names of its profile; None = it has none of that."""

    host: Slow[HostState]
    beams: GuardedBeams | None = None
    door: Guarded[bool] | None = None
    presence: Guarded[bool] | None = None
    smoke: Guarded[bool] | None = None
    heating: Guarded[bool] | None = None
    heater_w: Guarded[float] | None = None
    probes: dict[str, TemperatureProbe] = field(default_factory=dict)
    power_w: dict[str, Guarded[float]] = field(default_factory=dict)
    contactors: dict[str, GuardedContactor] = field(default_factory=dict)
    levels: dict[str, Guarded[float]] = field(default_factory=dict)

    def close(self) -> None:
        """Open every contactor, then let go of all pins."""
        contacts = (self.door, self.presence, self.smoke, self.heating, self.heater_w, self.beams)
        gauges = (*self.power_w.values(), *self.levels.values())
        for sensor in (*self.contactors.values(), *contacts, *gauges):
            if sensor is not None:
                closed(sensor)


def build(
    profile: Profile,
    clock: Clock,
    executor: Executor,
    pin_factory: Factory | None = None,
    sys_root: Path = _SYS,
) -> Sensors:
    """The station's sensors on this board; None is the Pi's own, NoBoard where there is none.

    What cannot be set up is in there too, and reads `absent`.
    """
    wires = _Wires(profile, pin_factory or _own_board(), executor)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SPISoftwareFallback)  # fast enough at one sample in 5 s
        return Sensors(
            host=_host(profile, executor, sys_root),
            beams=wires.beams(clock),
            door=wires.door(),
            presence=wires.presence(),
            smoke=wires.smoke(),
            heating=wires.heating(),
            heater_w=wires.heater_w(),
            probes=wires.probes(),
            power_w=wires.power_w(),
            contactors=wires.contactors(),
            levels=wires.levels(),
        )


def _own_board() -> Factory:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one warning for each library that is not installed
        try:
            Device.ensure_pin_factory()
        except BadPinFactory:
            raise NoBoard(
                "gpiozero finds no GPIO here; on a Pi install python3-lgpio,"
                " elsewhere use `warmstation-agent simulate`"
            ) from None
    return Device.pin_factory


def _host(profile: Profile, executor: Executor, sys_root: Path) -> Slow[HostState]:
    host = Host(profile.outbox.path.parent, sys_root)
    return Slow("host", lambda: Reading.of(host.read()), executor)


class _Wires:
    """A profile, seen as things to be built on a board."""

    def __init__(self, profile: Profile, factory: Factory, executor: Executor) -> None:
        self._profile = profile
        self._factory = factory
        self._executor = executor
        self._adcs: dict[str, Adc] = {adc.id: adc for adc in profile.adc}

    def beams(self, clock: Clock) -> GuardedBeams | None:
        door = self._profile.door
        if door is None:
            return None
        pins = (door.outer_beam_pin, door.inner_beam_pin)
        build = partial(BeamPair, *pins, monotonic=clock.monotonic, pin_factory=self._factory)
        return GuardedBeams(build)

    def door(self) -> Guarded[bool] | None:
        door = self._profile.door
        return self._contact("door", door.contact_pin if door else None, levels.DOOR_OPEN)

    def presence(self) -> Guarded[bool] | None:
        presence = self._profile.presence
        return self._contact(
            "presence", presence.pin if presence else None, levels.PRESENT, pull_up=False
        )

    def smoke(self) -> Guarded[bool] | None:
        smoke = self._profile.smoke
        return self._contact(
            "smoke", smoke.pin if smoke else None, levels.SMOKE, settle_s=SMOKE_SETTLES_S
        )

    def heating(self) -> Guarded[bool] | None:
        heater = self._profile.heater
        return self._contact("heater", heater.on_pin if heater else None, levels.HEATER_ON)

    def heater_w(self) -> Guarded[float] | None:
        heater = self._profile.heater
        if heater is None or heater.channel is None:
            return None
        return self._power("heater", heater.channel, heater.watts_per_volt, heater.zero_v)

    def probes(self) -> dict[str, TemperatureProbe]:
        one_wire = self._profile.one_wire
        if one_wire is None:
            return {}
        ids = {"room": one_wire.room, "outlet": one_wire.outlet, "outdoor": one_wire.outdoor}
        ids |= {f"{point.id}.probe": point.probe for point in self._ebike_points()}
        return {
            name: TemperatureProbe(name, one_wire.root / probe, self._executor)
            for name, probe in ids.items()
            if probe is not None
        }

    def power_w(self) -> dict[str, Guarded[float]]:
        return {
            charger.id: self._power(
                charger.id, charger.channel, charger.watts_per_volt, charger.zero_v
            )
            for charger in self._profile.chargers
        }

    def contactors(self) -> dict[str, GuardedContactor]:
        return {
            point.id: GuardedContactor(
                point.id, point.contactor_pin, point.feedback_pin, pin_factory=self._factory
            )
            for point in self._ebike_points()
        }

    def levels(self) -> dict[str, Guarded[float]]:
        return {
            supply.item: Guarded(supply.item, partial(self._gauge, supply))
            for supply in self._profile.supplies
        }

    def _ebike_points(self) -> list[EbikePoint]:
        return [charger for charger in self._profile.chargers if charger.kind == "ebike"]

    def _gauge(self, supply: SupplyWiring) -> Sensor[float]:
        if supply.channel is not None:
            return LevelGauge(self._channel(supply.channel), supply.empty_v, supply.full_v)
        assert supply.low_pin is not None  # noqa: S101 - the profile has made sure of one of two
        return LowFloat(
            Contact(supply.low_pin, true_level=levels.SUPPLY_LOW, pin_factory=self._factory)
        )

    def _contact(
        self,
        name: str,
        pin: int | None,
        true_level: bool,
        *,
        pull_up: bool = True,
        settle_s: float = 0.0,
    ) -> Guarded[bool] | None:
        if pin is None:
            return None
        contact = partial(Contact, pin, true_level=true_level, pull_up=pull_up, settle_s=settle_s)
        return Guarded(name, partial(contact, pin_factory=self._factory))

    def _power(
        self, name: str, channel: str, watts_per_volt: float, zero_v: float
    ) -> Guarded[float]:
        return Guarded(
            name, lambda: PowerTransducer(self._channel(channel), watts_per_volt, zero_v)
        )

    def _channel(self, channel: str) -> AdcChannel:
        adc = self._adcs[channel[:-1]]
        return AdcChannel(adc, int(channel[-1]), pin_factory=self._factory)

"""A profile's tables as things on pins and ADC channels. `build` puts them together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from gpiozero.pins import Factory

from warmstation_edge.profile import Adc, EbikePoint, Profile, SupplyWiring
from warmstation_edge.sensors import levels
from warmstation_edge.sensors.adc import AdcChannel, LevelGauge, PowerTransducer
from warmstation_edge.sensors.beams import BeamPair, GuardedBeams
from warmstation_edge.sensors.button import StaffButton
from warmstation_edge.sensors.contact import Contact
from warmstation_edge.sensors.contactor import GuardedContactor
from warmstation_edge.sensors.guarded import Guarded, Sensor, built
from warmstation_edge.sensors.led import Led
from warmstation_edge.sensors.low_float import LowFloat
from warmstation_edge.sensors.one_wire import BulkConversion
from warmstation_edge.sensors.s0 import S0Meter
from warmstation_edge.sensors.temperature import TemperatureProbe

T = TypeVar("T")
SMOKE_SETTLES_S = 0.4
"""A relay's bounce is no smoke; two turns in a row are."""
DOOR_SETTLES_S = 0.2
FLOAT_SETTLES_S = 5.0
"""Water sways where somebody draws some."""


class PinWires:
    """A profile, seen as things to be built on a board; `monotonic` stamps the edges."""

    def __init__(self, profile: Profile, factory: Factory, monotonic: Callable[[], float]) -> None:
        self._profile = profile
        self._factory = factory
        self._monotonic = monotonic
        self._adcs: dict[str, Adc] = {adc.id: adc for adc in profile.adc}

    def beams(self) -> GuardedBeams | None:
        """The door's two beams."""
        door = self._profile.door
        if door is None:
            return None
        pins = (door.outer_beam_pin, door.inner_beam_pin)
        return GuardedBeams(partial(self._edged(BeamPair), *pins))

    def door(self) -> Guarded[bool] | None:
        """The reed contact: whether the door is open."""
        pin = self._profile.door.contact_pin if self._profile.door else None
        return self._contact("door", pin, levels.DOOR_OPEN, settle_s=DOOR_SETTLES_S)

    def presence(self) -> Guarded[bool] | None:
        """The first presence sensor."""
        pin = self._profile.presence.pin if self._profile.presence else None
        return self._contact("presence", pin, levels.PRESENT, pull_up=False)

    def second_presence(self) -> Guarded[bool] | None:
        """The second one, which has to agree."""
        pin = self._profile.presence.second_pin if self._profile.presence else None
        return self._contact("presence.second", pin, levels.PRESENT, pull_up=False)

    def smoke(self) -> Guarded[bool] | None:
        """The smoke detector's relay."""
        pin = self._profile.smoke.pin if self._profile.smoke else None
        return self._contact("smoke", pin, levels.SMOKE, settle_s=SMOKE_SETTLES_S)

    def heating(self) -> Guarded[bool] | None:
        """Whether heat is called for: a relay with its coil beside that of the heater's."""
        pin = self._profile.heater.on_pin if self._profile.heater else None
        return self._contact("heater", pin, levels.HEATER_ON)

    def heater_w(self) -> Sensor[float] | None:
        """The heater's power by transducer or by pulses; None where a meter or nothing tells it."""
        heater = self._profile.heater
        if heater is None:
            return None
        if heater.pulse_pin is not None:
            pulses = (heater.pulse_pin, heater.pulses_per_kwh)
            return Guarded("heater", partial(self._edged(S0Meter), *pulses))
        if heater.channel is None:
            return None
        return self._power("heater", heater.channel, heater.watts_per_volt, heater.zero_v)

    def power_w(self) -> dict[str, Sensor[float]]:
        """The transducers of all chargers that have one."""
        return {
            charger.id: self._power(
                charger.id, charger.channel, charger.watts_per_volt, charger.zero_v
            )
            for charger in self._profile.chargers
            if charger.channel is not None and charger.watts_per_volt is not None
        }

    def probes(self, executor: Executor) -> dict[str, TemperatureProbe]:
        """All 1-Wire probes."""
        one_wire = self._profile.one_wire
        if one_wire is None:
            return {}
        ids = {"room": one_wire.room, "outlet": one_wire.outlet, "outdoor": one_wire.outdoor}
        ids |= {f"{point.id}.probe": point.probe for point in self._ebike_points()}
        bulk = BulkConversion(one_wire.root)
        return {
            name: TemperatureProbe(name, one_wire.root / probe, executor, bulk)
            for name, probe in ids.items()
            if probe is not None
        }

    def contactors(self) -> dict[str, GuardedContactor]:
        """The contactors of all e-bike points."""
        return {
            point.id: GuardedContactor(
                point.id, point.contactor_pin, point.feedback_pin, pin_factory=self._factory
            )
            for point in self._ebike_points()
        }

    def levels(self) -> dict[str, Sensor[float]]:
        """Gauges and floats on the shelf."""
        return {
            supply.item: Guarded(supply.item, partial(self._gauge, supply))
            for supply in self._profile.supplies
            if supply.scale_channel is None
        }

    def button(self) -> Guarded[int] | None:
        """The staff button."""
        pin = self._profile.staff.button_pin if self._profile.staff else None
        return None if pin is None else Guarded("staff", partial(self._edged(StaffButton), pin))

    def led(self) -> Led | None:
        """The staff LED; a station whose LED is broken goes on without."""
        pin = self._profile.staff.led_pin if self._profile.staff else None
        return None if pin is None else built("led", lambda: Led(pin, pin_factory=self._factory))

    def _ebike_points(self) -> list[EbikePoint]:
        return [charger for charger in self._profile.chargers if charger.kind == "ebike"]

    def _edged(self, kind: Callable[..., T]) -> Callable[..., T]:
        return partial(kind, monotonic=self._monotonic, pin_factory=self._factory)

    def _gauge(self, supply: SupplyWiring) -> Sensor[float]:
        if supply.channel is not None:
            return LevelGauge(self._channel(supply.channel), supply.empty_v, supply.full_v)
        assert supply.low_pin is not None  # noqa: S101 - the profile has made sure of one of two
        low = partial(Contact, supply.low_pin, true_level=levels.SUPPLY_LOW)
        return LowFloat(low(settle_s=FLOAT_SETTLES_S, pin_factory=self._factory))

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

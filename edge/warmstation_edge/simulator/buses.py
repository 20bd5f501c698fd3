"""A world on the buses of a station that has everything: I2C and Modbus by their bytes, S0 pulses,
a float and the staff button by their edges. `hardware` shows the rest.
"""

from __future__ import annotations

import math
import random

from warmstation_edge.profile import Profile
from warmstation_edge.sensors import levels
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.sensors.mock_i2c import I2cDevice, MockI2c, MockMux, MockNau7802, MockSht31
from warmstation_edge.sensors.mock_line import Line, Meter
from warmstation_edge.simulator.faults import FaultName
from warmstation_edge.simulator.full_wiring import SECOND_PRESENCE_PIN
from warmstation_edge.simulator.riders import Crossing
from warmstation_edge.simulator.world import World

MAINS_V = 229.0
_PULSE_S = 0.05
_HELD_S = 2.5
_LOW_LEVEL = 0.3
_OUTDOOR_PCT = 70.0
_BREATH_HPA = 0.15
_NOISE_COUNTS = 120.0
_SHT31, _NAU7802 = 0x44, 0x2A


class Buses:
    """The far ends of a station's buses; the board comes with each power-on."""

    def __init__(self, rng: random.Random) -> None:
        self.line = Line({})
        self.i2c = MockI2c()
        self._air = MockSht31()
        self._cells: dict[str, MockNau7802] = {}
        self._rng = rng
        self._shown_s: float | None = None
        self._pulse_wh = 0.0
        self._released_s: float | None = None

    def wire(self, profile: Profile) -> None:
        """Put on the buses what the profile says."""
        points = [one for one in profile.chargers if one.kind == "ebike"]
        self.line.meters = {
            one.meter: Meter(MAINS_V, 0.0, 0.0, 0) for one in points if one.meter is not None
        }
        scales = {
            one.item: one.scale_channel for one in profile.supplies if one.scale_channel is not None
        }
        self._cells = {item: MockNau7802() for item in scales}
        channels: dict[int, dict[int, I2cDevice]]
        channels = {scales[item]: {_NAU7802: cell} for item, cell in self._cells.items()}
        self.i2c.muxes = {0x70: MockMux(channels)}

    def show(
        self,
        world: World,
        crossings: list[Crossing],
        board: MockBoard,
        profile: Profile,
        boot_s: float,
    ) -> None:
        """Bring every bus and the pins of this room to what the world is now."""
        active = world.faults.active(world.at_s)
        cut = active.get(FaultName.SENSOR_DISCONNECTED) or ""
        self._show_air(world, is_cut=cut == "humidity")
        self._show_meters(world, profile, cut)
        self._show_shelves(world, board, profile)
        self._show_pulses(world, board, profile, boot_s)
        self._show_people(world, crossings, board, profile)
        self._shown_s = world.at_s

    def close(self) -> None:
        """Cut the line."""
        self.line.close()

    def _show_air(self, world: World, *, is_cut: bool) -> None:
        room_c = world.room.air_c
        self._air.celsius = room_c
        self._air.humidity_pct = humidity_pct(world.outdoor_c, room_c, world.crowd.inside)
        self.i2c.devices = {} if is_cut else {_SHT31: self._air}

    def _show_meters(self, world: World, profile: Profile, cut: str) -> None:
        for point in profile.chargers:
            if point.kind != "ebike" or point.meter is None:
                continue
            meter, it = self.line.meters[point.meter], world.point(point.id)
            meter.watts, meter.amperes = it.power_w, it.power_w / MAINS_V
            meter.energy_wh = int(it.energy_wh)
            meter.is_silent = cut == f"{point.id}.meter"

    def _show_shelves(self, world: World, board: MockBoard, profile: Profile) -> None:
        for shelf in profile.supplies:
            level = world.shelf.levels.get(shelf.item, 0.0)
            if shelf.low_pin is not None:
                is_low = level < _LOW_LEVEL
                board.drive(shelf.low_pin, is_low is levels.SUPPLY_LOW)
            elif shelf.item in self._cells:
                kg = shelf.empty_kg + level * (shelf.full_kg - shelf.empty_kg)
                counts = shelf.zero_counts + kg * shelf.counts_per_kg
                self._cells[shelf.item].counts = round(counts + self._rng.gauss(0, _NOISE_COUNTS))

    def _show_pulses(self, world: World, board: MockBoard, profile: Profile, boot_s: float) -> None:
        """A pulse at the very moment at which its watt-hour was full, all since the last time."""
        heater = profile.heater
        if heater is None or heater.pulse_pin is None:
            return
        if self._shown_s is None:
            board.drive(heater.pulse_pin, not levels.PULSE)
            return
        for at_s in self._pulses(self._shown_s, world.at_s, world.heater_w, heater.pulses_per_kwh):
            board.drive(heater.pulse_pin, levels.PULSE, at_s - _PULSE_S - boot_s)
            board.drive(heater.pulse_pin, not levels.PULSE, at_s - boot_s)

    def _pulses(
        self, since_s: float, until_s: float, power_w: float, pulses_per_kwh: float
    ) -> list[float]:
        each_wh = 1000 / pulses_per_kwh
        gained_wh = power_w * (until_s - since_s) / 3600
        found = []
        while power_w > 0 and self._pulse_wh + gained_wh >= each_wh:
            used_wh = each_wh - self._pulse_wh
            since_s += used_wh * 3600 / power_w
            gained_wh -= used_wh
            self._pulse_wh = 0.0
            found.append(since_s)
        self._pulse_wh += gained_wh
        return found

    def _show_people(
        self, world: World, crossings: list[Crossing], board: MockBoard, profile: Profile
    ) -> None:
        """Staff who leave an empty room hold the button on their way."""
        if profile.presence is not None and profile.presence.second_pin is not None:
            board.drive(SECOND_PRESENCE_PIN, (world.crowd.inside > 0) is levels.PRESENT)
        if profile.staff is None or profile.staff.button_pin is None:
            return
        if any(one.is_staff and not one.inward for one in crossings) and not world.crowd.inside:
            self._released_s = world.at_s + _HELD_S
        is_held = self._released_s is not None and world.at_s < self._released_s
        board.drive(profile.staff.button_pin, is_held is levels.PRESSED)


def humidity_pct(outdoor_c: float, room_c: float, people: int) -> float:
    """Outdoor air warmed up, and what people breathe out: in winter rooms are dry."""
    vapour_hpa = _OUTDOOR_PCT / 100 * _saturated_hpa(outdoor_c) + people * _BREATH_HPA
    return min(95.0, max(5.0, 100 * vapour_hpa / _saturated_hpa(room_c)))


def _saturated_hpa(celsius: float) -> float:
    """Magnus' formula over water (WMO No. 8, annex 4.B)."""
    return 6.112 * math.exp(17.62 * celsius / (243.12 + celsius))

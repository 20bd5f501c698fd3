"""A second world for judging the diagnosis, built on other equations than `heating_world`.

Three thermal masses (air, furniture, walls), a door with a vestibule that keeps some air back,
draughts in gusts, heaters in two stages or with a thermostat pulsed by its own residual heat, heat
pumps whose defrost is asked for by frost, radiators behind a boiler's curve, and cooling in summer,
which no winter mirrors: sun and people then work against the machine. Reports come every 30 to 300
seconds by a clock of their own, some twice, some late, some columns not at all.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace

from tests.bench.heating_building import AIR_J_M3_K, Building, drawn_building
from tests.bench.heating_heater import Heater
from tests.bench.heating_trouble import Nuisance, Trouble
from tests.bench.heating_weather import Weather
from tests.bench.heating_world import World
from warmstation_server.diagnosis.config import HeatingConfig, Kind, Mode
from warmstation_server.diagnosis.sample import Sample


@dataclass
class StressBuilding(Building):
    """What the plain building has no word for."""

    mode: Mode = "heat"
    furniture_j_k: float = 0.0
    vestibule: float = 0.0
    gust: float = 0.0
    stages: int = 1
    frost_left: float = 0.0
    jitter_s: float = 0.0
    twice: float = 0.0
    hidden: tuple[str, ...] = ()
    watts_noise: float = 0.01
    watts_step: float = 1.0

    @property
    def sign(self) -> float:
        """1 for heating, -1 for cooling."""
        return -1.0 if self.mode == "cool" else 1.0

    def config(self) -> HeatingConfig:
        """What the diagnosis is told."""
        return replace(super().config(), mode=self.mode)

    def wanted_c(self, at_s: float, trouble: Trouble, *, is_open: bool) -> float:
        """What the thermostat is set to; closed rooms are cooled to 30 °C only."""
        if self.mode == "heat":
            return super().wanted_c(at_s, trouble, is_open=is_open)
        soon = (self.open_h - at_s / 3600.0) % 24.0 <= self.preheat_h
        occupied = (is_open or soon) and not trouble.closed
        return self.setpoint - trouble.setpoint_k if occupied else 31.0


@dataclass
class StressHeater(Heater):
    """Two stages, or one; a heat pump whose coil frosts with load and damp; a boiler's curve."""

    frost: float = 0.0
    stage: float = 0.0

    def act(self, b: StressBuilding, tr: Trouble, felt_c: float, at_s: float, minutes: float,
            rng: random.Random, *, is_open: bool) -> None:  # fmt: skip
        """The controller's next step."""
        self.felt_c += (felt_c - self.felt_c) * min(1.0, minutes / b.thermostat_tau_min)
        wanted = b.wanted_c(at_s, tr, is_open=is_open)
        lack = b.sign * (wanted - self.felt_c - b.thermostat_bias_k)
        self.since_switch_min += minutes
        if self.since_switch_min >= 2.0 and (lack > b.hysteresis_k or lack < 0.0):
            call = 1.0 if lack > b.hysteresis_k else 0.0
            if call != self.call:
                self.call, self.since_switch_min = call, 0.0
        if tr.dead:
            self.call = 0.0
        self.mains = min(1.06, max(0.9, self.mains + rng.gauss(0.0, 0.002)))
        runs = (self.call or tr.stuck_on) and not tr.dead
        self.run_min = self.run_min + minutes if runs else 0.0
        self.share = self._output(b, lack, minutes) if runs else 0.0

    def _output(self, b: StressBuilding, lack: float, minutes: float) -> float:
        if b.kind == "heatpump":
            goal = min(1.0, max(0.3, 0.35 + 0.4 * max(0.0, lack)))
            self.stage += (goal - self.stage) * min(1.0, minutes / 4.0)
            is_damp = b.mode == "heat" and -12.0 < self.outdoor_c < b.defrost_below_c
            self.frost += minutes * self.stage / b.defrost_every_min if is_damp else 0.0
            if self.frost > 1.0:
                self.frost, self.defrost_left = 0.0, b.defrost_min
            if self.defrost_left > 0.0:
                self.defrost_left -= minutes
                return b.defrost_share
            return 0.0 if self.run_min < b.start_delay_min else self.stage
        if b.stages == 2:
            return 1.0 if lack > 1.5 * b.hysteresis_k else 0.55
        return 1.0

    def watts(self, b: StressBuilding, tr: Trouble, rng: random.Random) -> float:
        """What its meter shows: in steps, with noise, never below zero."""
        if tr.dead:
            return 0.0
        per_heat = {"electric": self.mains**2, "heatpump": 1.0 / 3.2, "radiator": 0.0}[b.kind]
        watts = abs(self.share) * b.capacity_w * per_heat * tr.power_share
        if b.kind == "radiator":
            watts = 60.0 * tr.power_share if self.share else 0.0
        watts += b.idle_w + rng.gauss(0.0, b.watts_noise * watts + 0.3)
        return max(0.0, round(watts / b.watts_step) * b.watts_step)


@dataclass
class StressWorld(World):
    """A station of the second world."""

    building: StressBuilding
    furniture_c: float = 15.0
    gusts: float = 0.0
    heater: StressHeater = field(default_factory=StressHeater)
    again: Sample | None = None

    def _step(self, dt: float) -> int:
        b, rng, tr, nu, heater = self.building, self.rng, self.trouble, self.nuisance, self.heater
        self.t_s += dt
        minutes = dt / 60.0
        outdoor = self.weather.at(self.t_s, rng)
        is_open = b.is_open(self.t_s)
        passages = self._passages(is_open, dt)
        sun_w_m2 = self.weather.sun_w_m2(self.t_s)
        if self.is_harsh:
            nu.advance(minutes, rng, sun_w_m2=sun_w_m2, is_open=is_open)
        self.people += (passages / 2.0 * 9.0 - self.people) * minutes / 9.0
        heater.outdoor_c = outdoor
        felt = 0.8 * self.air_c + 0.2 * self.wall_c
        heater.act(b, tr, felt, self.t_s, minutes, rng, is_open=is_open)
        heat_w = b.sign * heater.delivered_w(b, tr, minutes)
        self._move_heat(heat_w, outdoor, passages, sun_w_m2, dt)
        self._feel_signed(minutes)
        return passages

    def _move_heat(
        self, heat_w: float, outdoor: float, passages: int, sun: float, dt: float
    ) -> None:
        b, nu = self.building, self.nuisance
        self.gusts = max(0.0, self.gusts + (b.gust - self.gusts) * dt / 5400.0
                         + b.gust * self.rng.gauss(0.0, 0.08))  # fmt: skip
        difference = self.air_c - outdoor
        share = min(1.0, passages * b.door_s / dt) * (1.0 - b.vestibule)
        share = max(share, self.trouble.door_share, nu.held_share)
        stack = math.sqrt(abs(difference) / 20.0 + 0.2 * self.gusts)
        exchange = (
            1.05 * b.door_m2 * share * stack * 0.35 + b.volume_m3 * (0.3 + self.gusts) / 3600.0
        )
        to_wall = b.wall_w_k * (self.air_c - self.wall_c)
        to_things = 2.5 * b.wall_w_k * (self.air_c - self.furniture_c)
        gains = 85.0 * min(self.people, 20.0) + 0.15 * b.window_m2 * sun + nu.plugged_w
        window = 0.25 * b.loss_w_k * difference
        net = heat_w + gains - exchange * AIR_J_M3_K * difference - window - to_wall - to_things
        self.air_c += max(-3.0, min(3.0, net * dt / b.air_j_k))
        self.furniture_c += (to_things + 0.35 * b.window_m2 * sun) * dt / b.furniture_j_k
        self.wall_c += (to_wall - 0.7 * b.loss_w_k * (self.wall_c - outdoor)) * dt / b.wall_j_k

    def _feel_signed(self, minutes: float) -> None:
        b, tr, nu, warm_k = self.building, self.trouble, self.nuisance, self.heater.warm_k
        warm_k *= b.sign
        felt = self.air_c + nu.sun_k + tr.moved_k + (b.stray + nu.heater_felt) * warm_k
        tau = b.room_tau_min * tr.moved_tau
        self.probe_c += (felt - self.probe_c) * (1.0 - math.exp(-minutes / tau))
        blown = self.air_c + (0.0 if tr.detached else b.outlet_share) * warm_k
        self.outlet_c += (blown - self.outlet_c) * (1.0 - math.exp(-minutes / b.probe_tau_min))

    def advance(self) -> Sample | None:
        """One report; some come twice, some with a clock that is seconds off."""
        b, rng = self.building, self.rng
        if self.again is not None:
            twice, self.again = self.again, None
            return twice
        plain = super().advance()
        if plain is None:
            return None
        hidden = dict.fromkeys(b.hidden)
        late = rng.uniform(-b.jitter_s, b.jitter_s)
        sample = replace(plain, at_s=round(plain.at_s + late, 1), **hidden)
        if sample.heater_w is not None:
            sample = replace(sample, heater_w=self.heater.watts(b, self.trouble, rng))
        if rng.random() < b.twice:
            self.again = sample
        return sample


def stress_world(seed: int, *, harsh: bool = False) -> StressWorld:
    """A station of the second world from a seed; everything is drawn from it."""
    rng = random.Random(seed ^ 0x5EED)
    kind: Kind = rng.choice(("electric", "heatpump", "radiator"))
    mode: Mode = "cool" if kind == "heatpump" and rng.random() < 0.4 else "heat"
    interval_s = rng.choice([30.0, 60.0, 60.0, 120.0, 300.0])
    building = _building(rng, drawn_building(rng, kind, interval_s, metered=rng.random() < 0.5))
    if mode == "cool":
        _for_summer(building, rng)
    weather = Weather(building.climate_c + 4.0, building.swing_k)
    start = 28.0 if mode == "cool" else 15.0
    world = StressWorld(building, rng, harsh, weather=weather, nuisance=Nuisance())
    world.air_c = world.wall_c = world.furniture_c = world.probe_c = world.outlet_c = start
    world.heater.felt_c = start
    return world


def _building(rng: random.Random, plain: Building) -> StressBuilding:
    b = StressBuilding(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
    b.air_j_k = b.volume_m3 * AIR_J_M3_K * rng.uniform(3.0, 7.0)
    b.furniture_j_k = b.volume_m3 * AIR_J_M3_K * rng.uniform(3.0, 12.0)
    b.wall_j_k = b.volume_m3 * AIR_J_M3_K * rng.uniform(40.0, 150.0)
    b.wall_w_k = b.volume_m3 * rng.uniform(1.5, 4.0)
    b.vestibule, b.gust = rng.choice([0.0, 0.4]), rng.uniform(0.0, 0.8)
    b.stages = rng.choice([1, 2]) if b.kind == "electric" else 1
    b.hysteresis_k = rng.uniform(0.4, 1.6)
    b.stray, b.outlet_share = rng.choice([0.0, 0.02, 0.05]), rng.uniform(0.4, 1.0)
    b.room_tau_min, b.probe_tau_min = rng.uniform(0.7, 10.0), rng.uniform(0.4, 3.0)
    b.defrost_every_min, b.defrost_min = rng.uniform(35.0, 120.0), rng.uniform(3.0, 11.0)
    b.defrost_below_c, b.defrost_share = rng.uniform(4.0, 8.0), rng.choice([-0.4, -0.1, 0.0])
    b.step_k, b.noise_k = rng.choice([0.01, 0.0625, 0.1, 0.2]), rng.uniform(0.0, 0.1)
    b.loss_rate, b.outages_a_month = rng.choice([0.0, 0.02, 0.08]), rng.uniform(0.0, 6.0)
    b.jitter_s, b.twice = rng.choice([0.0, 1.0, 4.0]), rng.choice([0.0, 0.0, 0.03])
    b.idle_w = rng.choice([0.0, 2.0, 7.0])
    b.watts_noise, b.watts_step = rng.choice([0.0, 0.01, 0.04]), rng.choice([0.1, 1.0, 10.0])
    b.hidden = rng.choice([(), (), (), ("door_count",), ("outdoor_c",), ("outlet_c",)])
    return b


def _for_summer(b: StressBuilding, rng: random.Random) -> None:
    b.mode, b.setpoint, b.setback = "cool", rng.choice([24.0, 26.0]), None
    b.climate_c, b.swing_k = rng.uniform(22.0, 28.0), rng.uniform(3.0, 6.0)
    b.capacity_w = (b.loss_w_k + 0.3 * b.volume_m3) * 16.0 + 2500.0 + 60.0 * b.window_m2
    b.outlet_full_k = rng.uniform(8.0, 16.0)

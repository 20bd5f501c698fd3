"""A warm station's winter, minute by minute, for judging the diagnosis; not the demo's world.

Two thermal masses, buoyancy through a door that opens for every passage, sun, people, weather
with fronts and cold snaps, a thermostat of its own, and sensors with lag, bias, noise and steps.
Plain floats and one random stream a station; the same seed gives the same winter.
"""

from __future__ import annotations

import copy
import math
import random
from dataclasses import dataclass, field

from tests.bench.heating_building import AIR_J_M3_K, Building, drawn_building, elsewhere
from tests.bench.heating_heater import Heater
from tests.bench.heating_trouble import Nuisance, Trouble
from tests.bench.heating_weather import Weather
from warmstation_server.diagnosis.config import Kind
from warmstation_server.diagnosis.sample import Sample


@dataclass
class World:
    """A station that lives; `advance` gives its next report, or None where a packet is lost."""

    building: Building
    rng: random.Random
    is_harsh: bool = False
    t_s: float = 0.0
    air_c: float = 15.0
    wall_c: float = 12.0
    probe_c: float = 15.0
    outlet_c: float = 15.0
    people: float = 0.0
    is_outage_until_s: float = -1.0
    shown_c: float = 15.0
    outdoor_c: float = 0.0
    outdoor_at_s: float = -1e9
    heater: Heater = field(default_factory=Heater)
    weather: Weather = field(default_factory=lambda: Weather(0.0, 4.0))
    trouble: Trouble = field(default_factory=Trouble)
    nuisance: Nuisance = field(default_factory=Nuisance)

    @classmethod
    def of(
        cls,
        seed: int,
        kind: Kind,
        interval_s: float,
        *,
        metered: bool,
        harsh: bool,
        is_elsewhere: bool = False,
    ) -> World:
        """A station's world from a seed."""
        rng = random.Random(seed)
        building = drawn_building(rng, kind, interval_s, metered=metered)
        if is_elsewhere:
            elsewhere(building, rng)
        weather = Weather(building.climate_c + 4.0, building.swing_k)
        return cls(building, rng, harsh, weather=weather)

    @property
    def call(self) -> float:
        """Whether the thermostat asks for heat, 0 or 1."""
        return self.heater.call

    def fork(self, seed: int) -> World:
        """The same station at the same moment, with a future of its own."""
        world = copy.deepcopy(self)
        world.rng = random.Random(seed)
        return world

    def advance(self) -> Sample | None:
        """One reporting interval."""
        b = self.building
        steps = max(1, round(b.interval_s / 60.0))
        dt = b.interval_s / steps
        passages = 0
        for _ in range(steps):
            passages += self._step(dt)
        if self.rng.random() < b.outages_a_month / 30.0 / 86400.0 * b.interval_s:
            self.is_outage_until_s = self.t_s + self.rng.uniform(600.0, 10800.0)
        if self.t_s < self.is_outage_until_s or self.rng.random() < b.loss_rate:
            return None
        return self._sample(passages)

    def _step(self, dt: float) -> int:
        b, rng, tr, nu = self.building, self.rng, self.trouble, self.nuisance
        self.t_s += dt
        minutes = dt / 60.0
        outdoor = self.weather.at(self.t_s, rng)
        wind = self.weather.blow(b.wind, rng) if b.wind else 0.0
        is_open = b.is_open(self.t_s)
        passages = self._passages(is_open, dt)
        if self.is_harsh:
            nu.advance(minutes, rng, sun_w_m2=self.weather.sun_w_m2(self.t_s), is_open=is_open)
        if b.appliance_w:
            nu.boil(b.appliance_w, minutes, rng, is_open=is_open)
        self.people += (passages / 2.0 * 12.0 - self.people) * minutes / 12.0
        self.heater.outdoor_c = outdoor
        felt = 0.92 * self.air_c + 0.08 * self.wall_c
        self.heater.follow(b, tr, felt, self.t_s, minutes, rng, is_open=is_open)
        heat_w = self.heater.delivered_w(b, tr, minutes)
        difference = self.air_c - outdoor
        door_w = self._flow(passages, dt, difference, wind) * AIR_J_M3_K * difference
        leak = 0.4 * b.volume_m3 * 0.34 * (1.0 + 0.7 * wind)
        loss_w = (0.45 * b.loss_w_k + leak) * difference
        gains = 70.0 * min(self.people, 25.0) + 0.4 * b.window_m2 * self.weather.sun_w_m2(self.t_s)
        to_wall = b.wall_w_k * (self.air_c - self.wall_c)
        net = heat_w + gains + nu.plugged_w + nu.kettle_w - door_w - loss_w - to_wall
        self.air_c += max(-3.0, min(3.0, net * dt / b.air_j_k))
        wall_net = to_wall - 0.55 * b.loss_w_k * (self.wall_c - outdoor)
        self.wall_c += wall_net * dt / b.wall_j_k
        self._feel(minutes)
        return passages

    def _flow(self, passages: int, dt: float, difference: float, wind: float) -> float:
        """Cubic metres a second through the door: buoyancy, and what the wind adds."""
        b = self.building
        if difference <= 0.0:
            return 0.0
        full = 0.4 * b.door_m2 * math.sqrt(9.81 * 2.0 * difference / 283.0) * (1.0 + 0.4 * wind)
        seconds = passages * b.door_s
        if b.slow_passages:
            seconds += sum(
                4.0 * b.door_s for _ in range(passages) if self.rng.random() < b.slow_passages
            )
        share = min(1.0, seconds / dt)
        return full * max(share, self.trouble.door_share, self.nuisance.held_share)

    def _feel(self, minutes: float) -> None:
        """The two sensors follow what is around them."""
        b, tr, nu, warm_k = self.building, self.trouble, self.nuisance, self.heater.warm_k
        felt = self.air_c + nu.sun_k + tr.moved_k + (b.stray + nu.heater_felt) * warm_k
        self.probe_c += (felt - self.probe_c) * min(1.0, minutes / (b.room_tau_min * tr.moved_tau))
        blown = self.air_c + (0.04 if tr.detached else b.outlet_share) * warm_k
        self.outlet_c += (blown - self.outlet_c) * min(1.0, minutes / b.probe_tau_min)

    def _passages(self, is_open: bool, dt: float) -> int:
        b = self.building
        if not is_open or self.trouble.closed:  # who comes does not know that it is cold
            return 0
        hour = (self.t_s / 3600.0) % 24.0
        shape = (
            0.5 + math.exp(-(((hour - 12.5) / 1.5) ** 2)) + math.exp(-(((hour - 18.0) / 1.5) ** 2))
        )
        mean = 2.0 * b.visits / 36000.0 * shape * dt
        return _poisson(self.rng, mean)

    def _outdoor_reading(self) -> float | None:
        b = self.building
        if not b.has_outdoor:
            return None
        if self.t_s - self.outdoor_at_s >= b.outdoor_every_s:
            noise = self.rng.gauss(0.0, 0.2)
            self.outdoor_c = round(self.weather.now_c + b.outdoor_bias_k + noise, 1)
            self.outdoor_at_s = self.t_s
        return self.outdoor_c

    def _sample(self, passages: int) -> Sample:
        b, rng, tr = self.building, self.rng, self.trouble
        if not tr.frozen:
            raw = self.probe_c + b.bias_k + rng.gauss(0.0, b.noise_k)
            self.shown_c = round(raw / b.step_k) * b.step_k
        room: float | None = self.shown_c
        if rng.random() < b.glitches_a_day / 86400.0 * b.interval_s:
            room = 85.0
        if tr.disconnected:
            room = None
        outlet = round((self.outlet_c + rng.gauss(0.0, b.outlet_noise_k)) / 0.0625) * 0.0625
        if b.missed_passages:
            passages = sum(rng.random() >= b.missed_passages for _ in range(passages))
        return Sample(
            at_s=self.t_s,
            room_c=room,
            outlet_c=outlet if b.has_outlet else None,
            outdoor_c=self._outdoor_reading(),
            heater_on=self.heater.call,
            heater_w=self.heater.power_w(b, tr, rng) if b.metered else None,
            door_count=float(passages) if b.has_doors else None,
        )


def _poisson(rng: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count

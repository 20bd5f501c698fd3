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

from warmstation_server.diagnosis.config import HeatingConfig, Kind
from warmstation_server.diagnosis.sample import Sample

_AIR_J_M3_K = 1210.0


@dataclass
class Building:
    """One station's walls, heater, habits and sensors, drawn once."""

    kind: Kind
    interval_s: float
    metered: bool
    volume_m3: float
    loss_w_k: float
    air_j_k: float
    wall_j_k: float
    wall_w_k: float
    window_m2: float
    capacity_w: float
    hysteresis_k: float
    thermostat_bias_k: float
    thermostat_tau_min: float
    setpoint: float
    setback: float | None
    open_h: float
    close_h: float
    preheat_h: float
    visits: float
    door_s: float
    door_m2: float
    outlet_full_k: float
    outlet_tau_min: float
    probe_tau_min: float
    room_tau_min: float
    bias_k: float
    noise_k: float
    step_k: float
    outlet_noise_k: float
    loss_rate: float
    glitches_a_day: float
    outages_a_month: float
    climate_c: float
    swing_k: float
    idle_w: float
    defrost_every_min: float
    defrost_min: float
    start_delay_min: float
    has_doors: bool = True
    has_outlet: bool = True

    def config(self) -> HeatingConfig:
        """What the diagnosis is told."""
        return HeatingConfig(
            setpoint=self.setpoint,
            open_h=self.open_h,
            close_h=self.close_h,
            kind=self.kind,
            metered=self.metered,
            interval_s=self.interval_s,
            preheat_h=self.preheat_h,
            setback=self.setback,
        )


def drawn_building(rng: random.Random, kind: Kind, interval_s: float, *, metered: bool) -> Building:
    """A plausible station: heater sized 1.15-1.9 x for the coldest night of its climate."""
    volume = rng.uniform(35.0, 160.0)
    loss = volume * rng.uniform(0.9, 2.2) + 25.0
    climate = rng.uniform(-12.0, 5.0)
    visits = rng.uniform(60.0, 300.0)
    door_s, door_m2 = rng.uniform(4.0, 9.0), rng.uniform(0.6, 1.6)
    passing = 2.0 * visits * door_s / 43200.0 * 300.0 * door_m2
    capacity = (loss + passing + 0.4 * volume * 0.34) * (32.0 - climate) * rng.uniform(1.15, 1.9)
    slow = kind == "radiator"
    return Building(
        kind=kind,
        interval_s=interval_s,
        metered=metered,
        volume_m3=volume,
        loss_w_k=loss,
        air_j_k=volume * _AIR_J_M3_K * rng.uniform(3.0, 9.0),
        wall_j_k=volume * _AIR_J_M3_K * rng.uniform(30.0, 90.0),
        wall_w_k=volume * rng.uniform(2.5, 7.0),
        window_m2=rng.uniform(0.5, 5.0),
        capacity_w=capacity,
        hysteresis_k=rng.uniform(0.3, 1.2),
        thermostat_bias_k=rng.uniform(-1.0, 1.0),
        thermostat_tau_min=rng.uniform(2.0, 8.0),
        setpoint=rng.choice([18.0, 20.0, 20.0, 22.0]),
        setback=rng.choice([None, None, 12.0, 15.0]),
        open_h=rng.choice([7.0, 8.0, 9.0, 12.0]),
        close_h=rng.choice([18.0, 20.0, 22.0, 2.0]),
        preheat_h=rng.choice([0.0, 1.0, 1.5]),
        visits=visits,
        door_s=door_s,
        door_m2=door_m2,
        outlet_full_k=rng.uniform(14.0, 38.0),
        outlet_tau_min=rng.uniform(12.0, 25.0) if slow else rng.uniform(0.8, 3.0),
        probe_tau_min=rng.uniform(0.4, 1.5),
        room_tau_min=rng.uniform(1.0, 7.0),
        bias_k=rng.uniform(-0.7, 0.7),
        noise_k=rng.uniform(0.02, 0.12),
        step_k=rng.choice([0.0625, 0.0625, 0.1, 0.125]),
        outlet_noise_k=rng.uniform(0.05, 0.4),
        loss_rate=rng.uniform(0.0, 0.02),
        glitches_a_day=rng.choice([0.0, 0.1, 1.0]),
        outages_a_month=rng.uniform(0.0, 3.0),
        climate_c=climate,
        swing_k=rng.uniform(2.0, 6.0),
        idle_w=rng.choice([0.0, 0.0, 4.0, 12.0]),
        defrost_every_min=rng.uniform(45.0, 100.0),
        defrost_min=rng.uniform(3.5, 8.0),
        start_delay_min=rng.choice([0.0, 0.0, 2.0, 3.0]) if kind == "heatpump" else 0.0,
    )


@dataclass
class Weather:
    """Outdoor temperature: slow season, fronts of days, cold snaps, day and night."""

    mean_c: float
    swing_k: float
    front_k: float = 0.0
    snap_k: float = 0.0
    snap_left_h: float = 0.0
    cloud: float = 0.5
    hour: int = -1
    now_c: float = 0.0

    def at(self, t_s: float, rng: random.Random) -> float:
        """°C at a time; hourly steps are smoothed."""
        hour = int(t_s // 3600)
        if hour != self.hour:
            self.hour = hour
            self.front_k += -self.front_k / 70.0 + rng.gauss(0.0, 0.55)
            if self.snap_left_h <= 0 and rng.random() < 1.0 / (24 * 14):
                self.snap_left_h = rng.uniform(30, 90)
            self.snap_left_h -= 1
            goal = -rng.uniform(6.0, 11.0) if self.snap_left_h > 0 else 0.0
            self.snap_k += (goal - self.snap_k) * 0.12
            self.cloud = min(1.0, max(0.0, self.cloud + rng.gauss(0, 0.12)))
        day = t_s / 86400.0
        season = -4.0 * math.sin(math.pi * min(120.0, day) / 120.0)
        sun = math.cos(2 * math.pi * (t_s / 3600.0 - 14.5) / 24.0) * self.swing_k
        goal = self.mean_c + season + self.front_k + self.snap_k + sun * (1.2 - 0.7 * self.cloud)
        self.now_c = goal if self.now_c == 0.0 else self.now_c + (goal - self.now_c) * 0.03
        return self.now_c

    def sun_w_m2(self, t_s: float) -> float:
        """Through a window."""
        hour = (t_s / 3600.0) % 24.0
        if not 8.0 < hour < 17.0:
            return 0.0
        return 350.0 * math.sin(math.pi * (hour - 8.0) / 9.0) * (1.0 - 0.85 * self.cloud)


@dataclass
class Trouble:
    """What is broken now; each field is the world's own, none is the detector's."""

    heat_share: float = 1.0
    power_share: float = 1.0
    stuck_on: bool = False
    door_share: float = 0.0
    frozen: bool = False
    disconnected: bool = False
    moved_k: float = 0.0
    moved_tau: float = 1.0
    detached: bool = False
    setpoint_k: float = 0.0
    closed: bool = False
    dead: bool = False
    overheat: float = 1.0


@dataclass
class Nuisance:
    """What riders and the sun do that is no fault: extra watts, warm sensor, held door."""

    plugged_w: float = 0.0
    plugged_left_min: float = 0.0
    sun_k: float = 0.0
    sun_left_min: float = 0.0
    held_left_min: float = 0.0
    held_share: float = 0.0


@dataclass
class World:
    """A station that lives; `advance` gives its next report, or None where a packet is lost."""

    building: Building
    rng: random.Random
    is_harsh: bool = False
    t_s: float = 0.0
    air_c: float = 15.0
    thermostat_c: float = 15.0
    since_switch_min: float = 0.0
    wall_c: float = 12.0
    heater_k: float = 0.0
    probe_c: float = 15.0
    outlet_c: float = 15.0
    call: float = 0.0
    share: float = 0.0
    integral: float = 0.0
    run_min: float = 0.0
    defrost_left: float = 0.0
    since_defrost: float = 0.0
    mains: float = 1.0
    people: float = 0.0
    is_outage_until_s: float = -1.0
    shown_c: float = 15.0
    weather: Weather = field(default_factory=lambda: Weather(0.0, 4.0))
    trouble: Trouble = field(default_factory=Trouble)
    nuisance: Nuisance = field(default_factory=Nuisance)

    @classmethod
    def of(cls, seed: int, kind: Kind, interval_s: float, *, metered: bool, harsh: bool) -> World:
        """A station's world from a seed."""
        rng = random.Random(seed)
        building = drawn_building(rng, kind, interval_s, metered=metered)
        weather = Weather(building.climate_c + 4.0, building.swing_k)
        return cls(building, rng, harsh, weather=weather)

    def fork(self, seed: int) -> World:
        """The same station at the same moment, with a future of its own."""
        world = copy.deepcopy(self)
        world.rng = random.Random(seed)
        return world

    def is_open(self) -> bool:
        """Whether the posted hours say open."""
        return self.building.config().hours_since_opening(self.t_s) is not None

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
        config_open = _is_open(b, self.t_s)
        passages = self._passages(config_open, dt)
        self._nuisances(config_open, minutes)
        self.people += (passages / 2.0 * 12.0 - self.people) * minutes / 12.0
        heat_w = self._heater(minutes, config_open)
        difference = self.air_c - outdoor
        flow = 0.0
        if difference > 0.0:
            full = 0.4 * b.door_m2 * math.sqrt(9.81 * 2.0 * difference / 283.0)
            open_share = min(1.0, passages * b.door_s / dt)
            open_share = max(open_share, tr.door_share, nu.held_share)
            flow = full * open_share
        door_w = flow * _AIR_J_M3_K * difference
        loss_w = (0.45 * b.loss_w_k + 0.4 * b.volume_m3 * 0.34) * difference
        gains = 70.0 * min(self.people, 25.0) + 0.4 * b.window_m2 * self.weather.sun_w_m2(self.t_s)
        to_wall = b.wall_w_k * (self.air_c - self.wall_c)
        net = heat_w + gains + nu.plugged_w - door_w - loss_w - to_wall
        self.air_c += max(-3.0, min(3.0, net * dt / b.air_j_k))
        wall_net = to_wall - 0.55 * b.loss_w_k * (self.wall_c - outdoor)
        self.wall_c += wall_net * dt / b.wall_j_k
        felt = self.air_c + nu.sun_k + tr.moved_k
        self.probe_c += (felt - self.probe_c) * min(1.0, minutes / (b.room_tau_min * tr.moved_tau))
        blown = self.air_c + (0.04 if tr.detached else 1.0) * self.heater_k
        self.outlet_c += (blown - self.outlet_c) * min(1.0, minutes / b.probe_tau_min)
        return passages

    def _passages(self, is_open: bool, dt: float) -> int:
        b = self.building
        if not is_open or self.trouble.closed or self.trouble.dead:
            return 0
        hour = (self.t_s / 3600.0) % 24.0
        shape = (
            0.5 + math.exp(-(((hour - 12.5) / 1.5) ** 2)) + math.exp(-(((hour - 18.0) / 1.5) ** 2))
        )
        mean = 2.0 * b.visits / 36000.0 * shape * dt
        return _poisson(self.rng, mean)

    def _nuisances(self, is_open: bool, minutes: float) -> None:
        nu, rng = self.nuisance, self.rng
        if not self.is_harsh:
            return
        nu.plugged_left_min -= minutes
        nu.sun_left_min -= minutes
        nu.held_left_min -= minutes
        a_day = minutes / 1440.0
        if nu.plugged_left_min <= 0.0:
            nu.plugged_w = 0.0
            if is_open and rng.random() < 0.2 * a_day:
                nu.plugged_w, nu.plugged_left_min = rng.uniform(600, 2000), rng.uniform(30, 240)
        if nu.sun_left_min <= 0.0:
            nu.sun_k = 0.0
            if self.weather.sun_w_m2(self.t_s) > 150.0 and rng.random() < 0.5 * a_day:
                nu.sun_k, nu.sun_left_min = rng.uniform(1.0, 4.0), rng.uniform(20, 90)
        if nu.held_left_min <= 0.0:
            nu.held_share = 0.0
            if is_open and rng.random() < 0.15 * a_day:
                nu.held_share, nu.held_left_min = rng.uniform(0.2, 0.8), rng.uniform(5, 12)

    def _wanted(self, is_open: bool) -> float:
        b = self.building
        soon = (b.open_h - self.t_s / 3600.0) % 24.0 <= b.preheat_h
        if self.trouble.closed:
            return b.setback if b.setback is not None else 11.0
        if is_open or soon:
            return b.setpoint + self.trouble.setpoint_k
        return b.setback if b.setback is not None else 11.0

    def _heater(self, minutes: float, is_open: bool) -> float:
        b, tr, rng = self.building, self.trouble, self.rng
        felt = 0.92 * self.air_c + 0.08 * self.wall_c
        self.thermostat_c += (felt - self.thermostat_c) * min(1.0, minutes / b.thermostat_tau_min)
        error = self._wanted(is_open) - (self.thermostat_c + b.thermostat_bias_k)
        self.since_switch_min += minutes
        call = (
            1.0 if error > 0.5 * b.hysteresis_k else 0.0 if error < -0.5 * b.hysteresis_k else None
        )
        if call is not None and call != self.call and self.since_switch_min >= 3.0:
            self.call, self.since_switch_min = call, 0.0
        self.run_min = self.run_min + minutes if self.call else 0.0
        self.mains += -(self.mains - 1.0) * 0.02 + rng.gauss(0.0, 0.003)
        runs = self.call > 0.0 or tr.stuck_on
        if tr.dead:
            runs, self.call = False, 0.0
        goal = self._share(error, minutes) if runs else 0.0
        if tr.stuck_on and not self.call:
            goal = max(goal, 0.8)
        self.share = goal
        return self._delivered(goal, minutes)

    def _share(self, error: float, minutes: float) -> float:
        b = self.building
        if b.kind != "heatpump":
            return 1.0
        if self.run_min < b.start_delay_min and not self.trouble.stuck_on:
            return 0.0
        self.integral = min(1.0, max(0.0, self.integral + 0.004 * error * minutes))
        share = min(1.0, max(0.25, 0.3 + 0.55 * error + self.integral))
        self.since_defrost += minutes
        if self.weather.now_c < 5.0 and self.since_defrost > b.defrost_every_min:
            self.since_defrost, self.defrost_left = 0.0, b.defrost_min
        if self.defrost_left > 0.0:
            self.defrost_left -= minutes
            return -0.15
        return share

    def _delivered(self, share: float, minutes: float) -> float:
        b, tr = self.building, self.trouble
        capacity = 1.0
        if b.kind == "heatpump":
            capacity = min(1.1, max(0.5, 1.0 + 0.012 * (self.weather.now_c - 2.0)))
        elif b.kind == "radiator":
            capacity = min(1.2, max(0.6, 1.0 - 0.015 * self.weather.now_c))
        elif b.kind == "electric":
            capacity = self.mains * self.mains
        goal = share * capacity * tr.heat_share * b.outlet_full_k * tr.overheat
        self.heater_k += (goal - self.heater_k) * min(1.0, minutes / b.outlet_tau_min)
        return self.heater_k / b.outlet_full_k / tr.overheat * b.capacity_w

    def _power_w(self) -> float:
        b, tr = self.building, self.trouble
        if tr.dead:
            return 0.0
        watts = abs(self.share) * b.capacity_w * tr.power_share
        if b.kind == "electric":
            watts *= self.mains * self.mains
        elif b.kind == "heatpump":
            watts = (0.5 if self.share < 0 else watts / b.capacity_w) * b.capacity_w / 3.0
            watts *= tr.power_share if self.share < 0 else 1.0
        else:
            watts = 45.0 * (1.0 if self.share > 0 else 0.0) * tr.power_share
        return max(0.0, watts + b.idle_w + self.rng.gauss(0.0, 0.004 * watts + 0.2))

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
        return Sample(
            at_s=self.t_s,
            room_c=room,
            outlet_c=outlet if b.has_outlet else None,
            outdoor_c=round(self.weather.now_c + rng.gauss(0.0, 0.2), 1),
            heater_on=self.call,
            heater_w=self._power_w() if b.metered else None,
            door_count=float(passages) if b.has_doors else None,
        )


def _is_open(building: Building, t_s: float) -> bool:
    since = (t_s / 3600.0 - building.open_h) % 24.0
    return since < (building.close_h - building.open_h) % 24.0


def _poisson(rng: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count

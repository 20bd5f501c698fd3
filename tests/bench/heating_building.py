"""A warm station of the bench: walls, heater, habits and sensors, drawn once."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.bench.heating_trouble import Trouble
from warmstation_server.diagnosis.config import HeatingConfig, Kind

AIR_J_M3_K = 1210.0


@dataclass
class Building:
    """One station's walls, heater, habits and sensors, drawn once.

    From `wind` on the fields say how it differs from the plain world; see `elsewhere`.
    `stray`: share of the outlet's excess that the room sensor feels. `outlet_share`: of the
    heater's warmth that the outlet sensor sees. `pulse_min`: period of a heater that is pulsed
    to make it weaker. `outdoor_every_s`: how rarely the outdoor reading is renewed.
    `slow_passages`: share that leave the door open five times as long.
    """

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
    has_outdoor: bool = True
    wind: float = 0.0
    stray: float = 0.0
    outlet_share: float = 1.0
    defrost_below_c: float = 5.0
    defrost_share: float = -0.15
    pulse_min: float = 0.0
    outdoor_bias_k: float = 0.0
    outdoor_every_s: float = 0.0
    slow_passages: float = 0.0
    missed_passages: float = 0.0
    appliance_w: float = 0.0

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

    def is_open(self, at_s: float) -> bool:
        """Whether the posted hours say open."""
        since = (at_s / 3600.0 - self.open_h) % 24.0
        return since < (self.close_h - self.open_h) % 24.0

    def wanted_c(self, at_s: float, trouble: Trouble, *, is_open: bool) -> float:
        """What the thermostat is set to."""
        soon = (self.open_h - at_s / 3600.0) % 24.0 <= self.preheat_h
        if (is_open or soon) and not trouble.closed:
            return self.setpoint + trouble.setpoint_k
        return self.setback if self.setback is not None else 11.0


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
        air_j_k=volume * AIR_J_M3_K * rng.uniform(3.0, 9.0),
        wall_j_k=volume * AIR_J_M3_K * rng.uniform(30.0, 90.0),
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


def elsewhere(building: Building, rng: random.Random) -> None:
    """Makes the station one of another world: what the plain draw holds still differs too."""
    b = building
    b.air_j_k *= rng.uniform(0.5, 1.8)
    b.wall_j_k *= rng.uniform(0.4, 2.0)
    b.wall_w_k *= rng.uniform(0.6, 1.6)
    b.window_m2 *= rng.uniform(0.3, 2.5)
    b.wind = rng.choice([0.0, 0.5, 1.0, 1.5])
    b.stray = rng.choice([0.0, 0.0, 0.03, 0.08])
    b.outlet_share = rng.uniform(0.35, 1.0)
    b.probe_tau_min = rng.uniform(0.3, 4.0)
    b.room_tau_min = rng.uniform(0.5, 12.0)
    b.thermostat_tau_min = rng.uniform(1.0, 12.0)
    b.hysteresis_k = rng.uniform(0.2, 2.0)
    if b.kind == "radiator":
        b.outlet_tau_min = rng.uniform(6.0, 40.0)
    b.defrost_below_c = rng.uniform(3.0, 8.0)
    b.defrost_share = rng.choice([-0.3, -0.15, 0.0])
    b.defrost_every_min = rng.uniform(30.0, 150.0)
    b.defrost_min = rng.uniform(2.0, 12.0)
    b.pulse_min = rng.choice([0.0, 0.0, 10.0, 20.0]) if b.kind == "electric" else 0.0
    b.outdoor_bias_k = rng.uniform(-2.0, 2.0)
    b.outdoor_every_s = rng.choice([0.0, 0.0, 600.0, 3600.0])
    b.slow_passages = rng.choice([0.0, 0.02, 0.06])
    b.missed_passages = rng.choice([0.0, 0.05, 0.2])
    b.appliance_w = rng.choice([0.0, 0.0, 600.0, 1500.0])
    b.noise_k = rng.uniform(0.0, 0.15)
    b.step_k = rng.choice([0.01, 0.0625, 0.1, 0.1, 0.25, 0.5])
    b.loss_rate = rng.choice([0.0, 0.01, 0.05])

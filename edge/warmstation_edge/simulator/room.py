"""A room as two resistances and two capacities (2R2C), solved exactly for steps of any length.

Air (with what is light and quick) loses heat to the outdoors through gaps and glass and to the
walls; the walls lose it outward. For constant inputs the solution is a sum of two exponentials,
so that a step of a quarter of a second and one of five minutes give the same room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from warmstation_edge.simulator.heater import Heater


@dataclass(frozen=True, slots=True)
class Shell:
    """A room's building: capacities in J/K, conductances in W/K."""

    air_j_per_k: float
    walls_j_per_k: float
    air_to_walls_w_per_k: float
    air_to_outdoor_w_per_k: float
    walls_to_outdoor_w_per_k: float
    open_door_w_per_k: float

    @classmethod
    def of_area(cls, area_m2: float) -> Shell:
        """A plausible ground-floor room of this floor area, 3 m high, plain brick walls."""
        return cls(
            air_j_per_k=26_000 * area_m2,
            walls_j_per_k=210_000 * area_m2,
            air_to_walls_w_per_k=4.2 * area_m2,
            air_to_outdoor_w_per_k=0.75 * area_m2,
            walls_to_outdoor_w_per_k=0.95 * area_m2,
            open_door_w_per_k=40 + 2.5 * area_m2,
        )

    @property
    def loss_w_per_k(self) -> float:
        """Steady loss with the door shut, in W per K between air and outdoors."""
        inward, outward = self.air_to_walls_w_per_k, self.walls_to_outdoor_w_per_k
        return self.air_to_outdoor_w_per_k + inward * outward / (inward + outward)


class Room:
    """Air and wall temperature in °C, moved on by `advance`."""

    def __init__(self, shell: Shell, air_c: float, walls_c: float) -> None:
        self.shell = shell
        self.air_c = air_c
        self.walls_c = walls_c
        a = shell.air_to_walls_w_per_k / shell.air_j_per_k
        leak = shell.air_to_outdoor_w_per_k / shell.air_j_per_k
        b = shell.air_to_walls_w_per_k / shell.walls_j_per_k
        out = shell.walls_to_outdoor_w_per_k / shell.walls_j_per_k
        m11, m22 = -(a + leak), -(b + out)
        determinant = m11 * m22 - a * b
        root = math.sqrt((m11 - m22) ** 2 / 4 + a * b)
        self._fast = (m11 + m22) / 2 - root
        self._slow = (m11 + m22) / 2 + root
        # Projector onto the slow mode: (M - fast) / (slow - fast); the fast one is 1 - it.
        span = self._slow - self._fast
        self._p11, self._p12 = (m11 - self._fast) / span, a / span
        self._p21, self._p22 = b / span, (m22 - self._fast) / span
        # Steady rise of air and walls per W put into the air.
        self._air_k_per_w = -m22 / determinant / shell.air_j_per_k
        self._walls_k_per_w = b / determinant / shell.air_j_per_k

    def after(self, dt_s: float, outdoor_c: float, heat_w: float) -> tuple[float, float]:
        """Air and walls in °C after this long with constant heat into the air."""
        air_goal = outdoor_c + heat_w * self._air_k_per_w
        walls_goal = outdoor_c + heat_w * self._walls_k_per_w
        air, walls = self.air_c - air_goal, self.walls_c - walls_goal
        fast, slow = math.exp(self._fast * dt_s), math.exp(self._slow * dt_s)
        slow_air = self._p11 * air + self._p12 * walls
        slow_walls = self._p21 * air + self._p22 * walls
        return (
            air_goal + fast * (air - slow_air) + slow * slow_air,
            walls_goal + fast * (walls - slow_walls) + slow * slow_walls,
        )

    def advance(
        self,
        dt_s: float,
        outdoor_c: float,
        gains_w: float,
        door_share: float,
        heater: Heater,
        setpoint_c: float,
    ) -> None:
        """Move on with people and appliances giving `gains_w` and the door open part of the time.

        Where the thermostat switches within the step, the step is split there.
        """
        draught = door_share * self.shell.open_door_w_per_k
        heater.decide(self.air_c, setpoint_c)
        left = dt_s
        while left > 0:
            heat_w = heater.heat_w + gains_w - draught * (self.air_c - outdoor_c)
            air, walls = self.after(left, outdoor_c, heat_w)
            limit = heater.switches_at_c(setpoint_c)
            crosses = air > limit if heater.is_calling else air < limit
            part = left
            if crosses:
                share = (limit - self.air_c) / (air - self.air_c)
                part = min(left, max(1.0, left * share))
                if part < left:
                    air, walls = self.after(part, outdoor_c, heat_w)
            heater.blow(part, air)
            self.air_c, self.walls_c = air, walls
            if crosses:
                heater.is_calling = not heater.is_calling
            left -= part

"""What kind of heater is it? Nobody writes it down; its meter tells within a day or two. Pure.

A resistive heater draws the same whenever it is on; a heat pump's draw follows the weather and
its compressor; of a radiator the meter sees no more than a pump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warmstation_server.conditions.rows import reader
from warmstation_server.diagnosis.config import Kind

_ENOUGH = 60
_SPAN_S = 86400.0
_PUMP_W = 150.0
_STEADY = 0.05


@dataclass(slots=True)
class HeaterKind:
    """Draw while on: mean and mean square deviation, over `seen` reports since `since_s`."""

    kind: str = "unknown"
    mean_w: float = 0.0
    square: float = 0.0
    seen: int = 0
    since_s: float = 0.0
    last_on: float = 0.0

    def after(self, on: float, watts: float | None, at_s: float) -> None:
        """One report; the first one after switching on is not settled yet."""
        was_on, self.last_on = self.last_on, on
        if self.kind != "unknown" or watts is None or on < 1.0 or was_on < 1.0 or watts < 10.0:
            return
        if self.seen == 0:
            self.since_s = at_s
        self.seen += 1
        off_w = watts - self.mean_w
        self.mean_w += off_w / self.seen
        self.square += off_w * (watts - self.mean_w)
        if self.seen >= _ENOUGH and at_s - self.since_s >= _SPAN_S:
            self.kind = self._decided()

    def _decided(self) -> Kind:
        if self.mean_w < _PUMP_W:
            return "radiator"
        spread = (self.square / self.seen) ** 0.5 / self.mean_w
        return "electric" if spread < _STEADY else "heatpump"

    def saved(self) -> list[Any]:
        """As JSON values."""
        return list(_row(self))


_row = reader(HeaterKind)

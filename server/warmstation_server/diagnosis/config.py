"""What the diagnosis is told about a station's heating; all else it learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from warmstation_server.diagnosis.errors import BadConfig

Kind = Literal["electric", "heatpump", "radiator"]
Mode = Literal["heat", "cool"]


@dataclass(frozen=True, slots=True)
class HeatingConfig:
    """One station's heating as it is promised.

    `open_h`, `close_h`: local hours of the day, 0-24; `close_h` below `open_h` is past midnight,
    equal means always open. `setback`: setpoint in °C while closed. `preheat_h`: hours the heat
    may start before opening. `utc_offset_h`: added to the time of a sample to get local time.
    """

    setpoint: float = 20.0
    open_h: float = 8.0
    close_h: float = 20.0
    kind: Kind = "electric"
    mode: Mode = "heat"
    metered: bool = False
    interval_s: float = 60.0
    preheat_h: float = 1.0
    setback: float | None = None
    utc_offset_h: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in ("electric", "heatpump", "radiator"):
            raise BadConfig("kind", self.kind, "electric, heatpump or radiator")
        if self.mode not in ("heat", "cool"):
            raise BadConfig("mode", self.mode, "heat or cool")
        if not 1.0 <= self.interval_s <= 3600.0:
            raise BadConfig("interval_s", self.interval_s, "1 to 3600 seconds")
        for key, hour in (("open_h", self.open_h), ("close_h", self.close_h)):
            if not 0.0 <= hour <= 24.0:
                raise BadConfig(key, hour, "an hour of the day from 0 to 24")
        if not 0.0 <= self.preheat_h <= 24.0:
            raise BadConfig("preheat_h", self.preheat_h, "0 to 24 hours")
        if not -14.0 <= self.utc_offset_h <= 14.0:
            raise BadConfig("utc_offset_h", self.utc_offset_h, "-14 to 14 hours")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> HeatingConfig:
        """From decoded JSON; unknown keys and nulls are left out. Raises BadConfig."""
        known: dict[str, Any] = {}
        for key in (field.name for field in fields(cls)):
            if values.get(key) is not None:
                known[key] = _typed(key, values[key])
        for key in ("setpoint", "setback"):
            if not -30.0 <= known.get(key, 20.0) <= 60.0:
                raise BadConfig(key, known[key], "a temperature in °C")
        return cls(**known)

    def hours_since_opening(self, at_s: float) -> float | None:
        """Hours since the posted opening at a time in seconds; None while closed."""
        since = (self.hour_of_day(at_s) - self.open_h) % 24.0
        length = (self.close_h - self.open_h) % 24.0 or 24.0
        return since if since < length else None

    def hours_to_closing(self, at_s: float) -> float:
        """Hours until the next posted closing; 24 where it never closes."""
        if (self.close_h - self.open_h) % 24.0 == 0.0:
            return 24.0
        return (self.close_h - self.hour_of_day(at_s)) % 24.0

    def hour_of_day(self, at_s: float) -> float:
        """Local hour, 0 to 24."""
        return (at_s / 3600.0 + self.utc_offset_h) % 24.0


def _whether(value: Any) -> bool:
    word = str(value).strip().lower()
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off", ""):
        return False
    raise BadConfig("metered", value, "true or false")


def _typed(key: str, value: Any) -> Any:
    if key in ("kind", "mode"):
        return str(value).lower()
    if key == "metered":
        return _whether(value)
    if isinstance(value, bool):  # true is no set point of 1 °C
        raise BadConfig(key, value, "a number")
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise BadConfig(key, value, "a number") from error

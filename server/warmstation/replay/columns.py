"""Which column of a recording is which value, and in what unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from warmstation.errors import BadRecording

FIELDS: Final = (
    "room_c",
    "outlet_c",
    "outdoor_c",
    "humidity_pct",
    "setpoint_c",
    "heater_w",
    "heating",
    "inside",
    "entered",
    "left",
    "door_open",
    "present",
)
UNITS: Final[Mapping[str, Callable[[float], float]]] = {
    "": float,
    "f": lambda fahrenheit: (fahrenheit - 32.0) / 1.8,
    "k": lambda kelvin: kelvin - 273.15,
    "kw": lambda kilowatts: kilowatts * 1000.0,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a report and the column that it is read from."""

    field: str
    name: str
    unit: str = ""

    @classmethod
    def parse(cls, text: str) -> Column:
        """Read `room_c=value` or `room_c=value:f`; BadRecording says what is allowed."""
        field, equals, rest = text.partition("=")
        name, _, unit = rest.partition(":")
        if field not in FIELDS or not equals or not name:
            raise BadRecording(
                f"--map {text!r}: write FIELD=COLUMN, FIELD being one of {', '.join(FIELDS)}"
            )
        if unit not in UNITS:
            raise BadRecording(f"--map {text!r}: unit {unit!r} is none of f, k, kw")
        return cls(field, name, unit)

    def read(self, text: str) -> float:
        """The value in our unit; ValueError where it is not a number."""
        return UNITS[self.unit](float(text))


def check(columns: Sequence[Column], header: Sequence[str]) -> None:
    """BadRecording where a named column is not in the header, or nothing is mapped."""
    if not columns:
        raise BadRecording("nothing to replay: map at least one column, as in --map room_c=value")
    for column in columns:
        if column.name not in header:
            there = ", ".join(header) or "none"
            raise BadRecording(f"no column {column.name!r}; there are {there}")

"""Rows of a recording as measurements, with what is missing or impossible named."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from warmstation.errors import BadRecording
from warmstation.replay.columns import Column, check
from warmstation_edge.measurement import Measurement
from warmstation_wire import AgentState, Climate, Door, Fault, People

MISSING: Final = frozenset({"", "na", "nan", "null", "none", "-"})
_CLIMATE: Final = (
    "room_c",
    "outlet_c",
    "outdoor_c",
    "humidity_pct",
    "setpoint_c",
    "heater_w",
    "heating",
)
_COUNTS: Final = ("inside", "entered", "left")


@dataclass(frozen=True, slots=True)
class Recording:
    """How a file is to be read.

    `time`: the column of times, or None where rows are `every` apart from `start` on.
    `time_format`: for strptime; None = ISO 8601. Times without an offset are in `zone`.
    `where`: column -> the only value that is taken. `label`: said as the agent's version.
    """

    path: Path
    columns: Sequence[Column]
    time: str | None
    time_format: str | None
    every: timedelta
    start: datetime
    zone: tzinfo
    where: Mapping[str, str]
    label: str

    def measurements(self) -> Iterator[Measurement]:
        """Every row, in the order of the file; BadRecording names the line it stops at."""
        first: datetime | None = None
        for index, (line, row) in enumerate(self._rows()):
            at = self._moment(index, line, row)
            first = first or at
            yield self._measurement(line, row, at, first)

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file, restval="")
                header = reader.fieldnames or []
                check(self.columns, header)
                for name in (*self.where, *filter(None, [self.time])):
                    if name not in header:
                        raise BadRecording(f"no column {name!r}; there are {', '.join(header)}")
                for row in reader:
                    if all(row[name] == value for name, value in self.where.items()):
                        yield reader.line_num, row
        except OSError as error:
            raise BadRecording(f"{self.path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise BadRecording(f"{self.path}: cannot be read: it is not UTF-8") from None
        except csv.Error as error:
            raise BadRecording(f"{self.path}: {error}") from None

    def _moment(self, index: int, line: int, row: Mapping[str, str]) -> datetime:
        if self.time is None:
            return self.start + self.every * index
        try:
            text = row[self.time]
            at = (
                datetime.strptime(text, self.time_format)  # noqa: DTZ007  (the zone comes next)
                if self.time_format
                else datetime.fromisoformat(text)
            )
        except ValueError as error:
            raise BadRecording(f"line {line}, column {self.time}: {error}") from None
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)

    def _measurement(
        self, line: int, row: Mapping[str, str], at: datetime, first: datetime
    ) -> Measurement:
        values, faults = self._values(line, row)
        climate: dict[str, object] = {
            name: values[name] for name in _CLIMATE if name in values and name != "heating"
        }
        if "heating" in values:
            climate["heating"] = "on" if values["heating"] else "off"
        people: dict[str, object] = {
            name: round(values[name]) for name in _COUNTS if name in values
        }
        if "present" in values:
            people["present"] = bool(values["present"])
        return Measurement(
            measured_at=at,
            clock="synced",
            uptime_s=max(0.0, (at - first).total_seconds()),
            climate=Climate.model_validate(climate) if climate else None,
            door=Door(open=bool(values["door_open"])) if "door_open" in values else None,
            people=People.model_validate(people) if people else None,
            faults=tuple(faults) or None,
            agent=AgentState(version=self.label),
        )

    def _values(self, line: int, row: Mapping[str, str]) -> tuple[dict[str, float], list[Fault]]:
        values: dict[str, float] = {}
        faults: list[Fault] = []
        for column in self.columns:
            text = row[column.name].strip()
            if text.lower() in MISSING:
                faults.append(Fault(sensor=_sensor(column.field), reason="absent"))
                continue
            try:
                value = column.read(text)
            except ValueError:
                raise BadRecording(
                    f"line {line}, column {column.name}: {text!r} is not a number"
                ) from None
            if _fits(column.field, value):
                values[column.field] = value
            else:
                faults.append(Fault(sensor=_sensor(column.field), reason="range"))
        return values, faults


def _sensor(field: str) -> str:
    return field.removesuffix("_c").removesuffix("_w").removesuffix("_pct")


def _fits(field: str, value: float) -> bool:
    """Whether the contract takes this value: an impossible one is a fault, not a lost row."""
    try:
        if field in _COUNTS:
            People.model_validate({field: round(value)})
        elif field in _CLIMATE and field != "heating":
            Climate.model_validate({field: value})
    except (ValidationError, ValueError, OverflowError):
        return False
    return True

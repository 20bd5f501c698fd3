"""Figures as tables of names and numbers, for every kind of file alike. Pure.

A cell is a text, a number, or None for unknown; a share is a number from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.places import Text
from warmstation_server.usage.answer import Answer, Line
from warmstation_server.usage.metric import METRICS, Figure, Metric, change
from warmstation_server.usage.supplied import Consumed

Cell = str | int | float | None


class Speech(Protocol):
    """One language's words: `web.words.Words`."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """A sentence."""
        ...

    def name_of(self, group: str, thing: str) -> str:
        """The word for an identifier."""
        ...

    def text(self, text: Text) -> str:
        """A bilingual text."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """`formats`: of each column: text, whole, number, share."""

    title: str
    columns: Sequence[str]
    formats: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def rounded(figure: Figure) -> float | None:
    """A figure as files have it: enough digits to check, the same on every machine."""
    return None if figure.value is None else round(figure.value, 6)


def format_of(metric: Metric) -> str:
    """How a metric is written."""
    return {"share": "share", "count": "whole"}.get(metric.unit, "number")


def summary(answer: Answer, t: Speech) -> Table:
    """Every figure with its comparisons, coverage and definition."""
    previous, last_year = _before(answer)
    rows: list[list[Cell]] = []
    for key, figure in answer.figures.items():
        metric = figure.metric
        rows.append(
            [
                t(f"metric.{key}"),
                t(f"unit.{metric.unit}"),
                rounded(figure),
                _round(figure.coverage),
                rounded(previous[key]),
                _changed(figure, previous[key]),
                rounded(last_year[key]),
                _changed(figure, last_year[key]),
                t(f"metric.{key}.means"),
            ]
        )
    columns = [
        t(f"export.{name}")
        for name in ("metric", "unit", "value", "coverage", "previous", "previous_change",
                     "last_year", "last_year_change", "means")
    ]  # fmt: skip
    formats = ["text", "text", "number", "share", "number", "share", "number", "share", "text"]
    return Table(t("export.summary"), columns, formats, rows)


def lines(title: str, found: Iterable[Line], t: Speech) -> Table:
    """Groups with all their figures and how alerts were answered."""
    columns = [t("export.id"), t("export.name"), t("export.stations")]
    columns += [t(f"metric.{metric.key}") for metric in METRICS]
    columns += [t(f"response.{name}") for name in _RESPONSE]
    formats = ["text", "text", "whole", *(format_of(metric) for metric in METRICS)]
    formats += ["whole", "number", "number", "share", "share"]
    return Table(title, columns, formats, [_line(line, t) for line in found])


def name_of(line: Line, t: Speech) -> str:
    """What a group is called."""
    group = line.group
    return t.name_of("host", group.id) if group.name is None else t.text(group.name)


def supplies(answer: Answer, t: Speech) -> Table:
    """By item, then by donor."""
    keys = ("opening", "restocked", "found", "used", "discarded", "closing", "expired", "stations")
    columns = [t("used.by"), t("used.name"), *(t(f"used.{key}") for key in keys)]
    columns.append(t("used.per_100"))
    rows = [
        [t(f"used.{kind}"), _supply_name(kind, one, t), *(getattr(one, key) for key in keys),
         _round(one.per_100_visits(answer.sums.visits))]
        for kind, found in (("item", answer.items), ("donor", answer.donors))
        for one in found
    ]  # fmt: skip
    return Table(t("export.supplies"), columns, ["text", "text", *["whole"] * 8, "number"], rows)


def alerts(answer: Answer, t: Speech, zone: ZoneInfo) -> Table:
    """Every alert that fired, with when it was acknowledged and over, by the clock of `zone`."""
    columns = [
        t(f"alarm.{name}")
        for name in ("station", "condition", "severity", "fired", "acknowledged", "resolved")
    ]
    rows: list[list[Cell]] = [
        [
            one.station,
            one.name,
            t(f"alarm.severity.{one.severity}"),
            *(_there(at, zone) for at in (one.fired_at, one.acknowledged_at, one.resolved_at)),
        ]
        for one in answer.alarms
    ]
    return Table(t("export.alerts"), columns, ["text"] * 6, rows)


def heat(answer: Answer, t: Speech) -> Table:
    """A row a weekday."""
    columns = [t("export.weekday"), *(f"{hour:02}" for hour in range(24))]
    rows = [
        [t(f"weekday.{day}"), *(cell.visits for cell in answer.heat.row(day))] for day in range(7)
    ]
    return Table(t("export.heat"), columns, ["text", *["whole"] * 24], rows)


def heating(answer: Answer, t: Speech) -> Table:
    """What rooms were like while they were open, station by station."""
    keys = ("heating_18", "heating_target", "room_c", "heater_kwh", "energy_per_visit")
    places = {one.id: one for one in answer.stations}
    columns = [t("export.id"), t("export.name"), t("export.target_c")]
    columns += [t(f"metric.{key}") for key in keys] + [t("export.coverage")]
    rows = []
    for line in answer.single:
        figures = line.figures
        rows.append(
            [
                line.group.id,
                name_of(line, t),
                places[line.group.id].target_c,
                *(rounded(figures[key]) for key in keys),
                _round(figures["heating_18"].coverage),
            ]
        )
    formats = ["text", "text", "number", "share", "share", "number", "number", "number", "share"]
    return Table(t("export.heating"), columns, formats, rows)


_RESPONSE = ("alerts", "ack_min", "fix_min", "ack_within", "fix_within")


def _line(line: Line, t: Speech) -> list[Cell]:
    figures = line.figures
    cells: list[Cell] = [line.group.id, name_of(line, t), len(line.group.stations)]
    cells += [rounded(figures[metric.key]) for metric in METRICS]
    return cells + [rounded(figures[name]) for name in _RESPONSE]


def _supply_name(kind: str, one: Consumed, t: Speech) -> str:
    if kind == "item":
        return t.name_of("item", one.name)
    return one.name or t("used.nobody")


def _before(answer: Answer) -> tuple[dict[str, Figure], dict[str, Figure]]:
    return answer.previous_figures, answer.last_year_figures


def _there(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _changed(figure: Figure, before: Figure) -> float | None:
    """A share of the other, or points; of temperatures, whose column this is not, nothing."""
    is_share = figure.metric.unit != "celsius"
    return _round(change(figure, before)) if is_share else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 6)

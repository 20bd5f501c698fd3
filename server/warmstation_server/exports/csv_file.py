"""Figures as CSV that spreadsheets open: UTF-8 with a mark, comma, CRLF. Pure.

The same period gives the same bytes whenever it is asked for, once its days are over and counted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from warmstation_server.exports.table import Cell, Speech, lines
from warmstation_server.places import Station
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.day import HourCount

BOM = "\ufeff"
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with; spreadsheets in Chinese take the wide signs for the same."""
HOUR_COLUMNS = (
    "station", "day", "hour_utc", "posted_s", "judged", "watched_s", "signs", "reports",
    "measured_s", "visits", "counter_s", "people_s", "people_measured_s", "full_s",
    "temp_measured_s", "warm_s", "target_s", "heater_wh", "heater_measured_s", "charger_in_use_s",
    "charger_serviceable_s", "charger_known_s", "charger_wh", "sessions", "shelf_s", "empty_s",
)  # fmt: skip


def stations_csv(answer: Answer, t: Speech) -> bytes:
    """A line a station, with all its figures, and one for all together at the end."""
    table = lines(t("export.stations"), [*answer.single, answer.whole], t)
    return (BOM + _text([table.columns, *table.rows])).encode()


def hours_head() -> bytes:
    """The first line of the hours."""
    return (BOM + _text([HOUR_COLUMNS])).encode()


def hours_csv(station: Station, day: date, hours: Sequence[HourCount]) -> bytes:
    """A line an hour: what every figure of that day was added up from."""
    return _text(_hour_rows(station, day, hours)).encode()


def _hour_rows(station: Station, day: date, hours: Sequence[HourCount]) -> Iterator[list[Cell]]:
    for hour in hours:
        measured = [getattr(hour.usage, name) for name in HOUR_COLUMNS[5:]]
        start = hour.start.strftime("%Y-%m-%dT%H:%M:%SZ")
        yield [
            station.id, day.isoformat(), start, hour.posted_ms / 1000, hour.word or "", *measured,
        ]  # fmt: skip


def _text(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([[_cell(cell) for cell in row] for row in rows])
    return out.getvalue()


def _cell(cell: Cell) -> str:
    """Unknown is empty; a text that a spreadsheet would take for a formula is quoted."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip()[:1] in _FORMULA or cell[:1].isspace() else cell
    return f"{cell:.6f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)

"""Figures as an Excel workbook with Excel's own charts. Pure: bytes of an Answer."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.exports import table
from warmstation_server.exports.table import Speech, Table
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.metric import METRICS
from warmstation_server.usage.recorded import RECORDED
from warmstation_server.usage.written import written_peak

Progress = Callable[[str, float], None]
"""Told a step (a catalogue key) and how much is done; may raise Cancelled."""
_LOOKS = {"text": "", "whole": "#,##0", "number": "#,##0.0##", "share": "0.0%"}
_BRAND = "#0b5f66"
_NAME_WIDTH, _WIDTH, _MEANS_WIDTH = 24, 13, 70


def workbook(
    answer: Answer, t: Speech, zone: ZoneInfo, progress: Progress, seal: str = ""
) -> bytes:
    """All sheets, times in `zone`; the same answer gives the same bytes (dated its last day).

    `seal`: of the audit log, as `audit check --noted` takes it.
    """
    import xlsxwriter  # only an export needs it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": datetime.combine(answer.period.last, datetime.min.time())})
    sheets = _Sheets(book)
    regional = table.lines(t("export.streets"), answer.regional, t)
    steps: list[tuple[Table, Callable[[Any], None]]] = [
        (table.summary(answer, t), lambda _: None),
        (regional, lambda sheet: sheets.bars(sheet, regional, 3)),
        (table.lines(t("export.stations"), [*answer.single, answer.whole], t), lambda _: None),
        (table.heat(answer, t), sheets.colours),
        (table.heating(answer, t), lambda _: None),
        (table.supplies(answer, t), lambda _: None),
        (table.alerts(answer, t, zone), lambda _: None),
    ]
    for number, (found, more) in enumerate(steps):
        progress("export.step.sheets", number / len(steps))
        more(sheets.add(found))
    sheets.notes(t("export.notes"), notes(answer, t, seal))
    book.close()
    return out.getvalue()


def notes(answer: Answer, t: Speech, seal: str = "") -> list[tuple[str, str]]:
    """口径与数据质量: what the figures mean and how far they can be trusted."""
    period = answer.period
    found = [
        (t("export.period"), f"{period.first} - {period.last}"),
        (t("export.previous"), f"{period.previous.first} - {period.previous.last}"),
        (t("export.last_year"), f"{period.last_year.first} - {period.last_year.last}"),
        (t("export.method"), t("export.method.sensor")),
        *((t(f"counted.{name}"), str(count)) for name, count in sorted(answer.counts.items())),
        (t("export.unknown"), t("export.unknown.means")),
        (t("export.promised"), t("export.promised.means")),
        (t("export.trace"), t("export.trace.means")),
        (t("export.alerts"), t("response.means")),
        (t("export.supplies"), t("used.means")),
    ]
    if seal:
        found.append((t("export.seal"), t("export.seal.means", seal=seal)))
    if not answer.is_finished:
        found.insert(0, (t("export.unfinished"), t("export.unfinished.means")))
    if answer.is_simulated:
        found.insert(0, (t("export.simulated"), t("export.simulated.means")))
    peaks = (
        ("period", answer.heat.peak),
        ("previous", answer.previous.peak),
        ("last_year", answer.last_year.peak),
    )
    found += [(t(f"export.{name}"), written_peak(peak, t)) for name, peak in peaks if peak]
    every = (*METRICS, *RECORDED)
    return found + [(t(f"metric.{one.key}"), t(f"metric.{one.key}.means")) for one in every]


class _Sheets:
    """The workbook being written."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format(
            {"bold": True, "font_color": "#ffffff", "bg_color": _BRAND, "text_wrap": True}
        )
        self._formats = {
            name: book.add_format(
                {"num_format": look, "valign": "top", "text_wrap": name == "text"}
            )
            for name, look in _LOOKS.items()
        }

    def add(self, found: Table) -> Any:
        """A sheet with this table; unknown stays empty."""
        sheet = self._book.add_worksheet(found.title[:31])
        sheet.freeze_panes(1, 1)
        sheet.set_row(0, 45)
        for column, name in enumerate(found.columns):
            sheet.write_string(0, column, name, self._head)
            is_text = found.formats[column] == "text"
            is_last = column == len(found.columns) - 1
            width = (_MEANS_WIDTH if is_last and column > 2 else _NAME_WIDTH) if is_text else _WIDTH
            sheet.set_column(column, column, width)
        for number, row in enumerate(found.rows, start=1):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, column, cell, self._formats[found.formats[column]])
        if found.rows:
            sheet.autofilter(0, 0, len(found.rows), len(found.columns) - 1)
        return sheet

    def bars(self, sheet: Any, found: Table, column: int) -> None:
        """A chart of one column, beside the names."""
        if not found.rows:
            return
        last = len(found.rows)
        chart = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": [sheet.name, 0, column],
                "categories": [sheet.name, 1, 1, last, 1],
                "values": [sheet.name, 1, column, last, column],
                "fill": {"color": "#0b7a6b"},
            }
        )
        chart.set_title({"name": found.columns[column]})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 720, "height": min(1200, 120 + 22 * last)})
        sheet.insert_chart(last + 3, 1, chart)

    def colours(self, sheet: Any) -> None:
        """The deeper, the more; and a line of the whole week's hours."""
        sheet.conditional_format(
            1, 1, 7, 24, {"type": "2_color_scale", "min_color": "#eef5f4", "max_color": "#0b7a6b"}
        )
        sheet.set_column(1, 24, 6)
        chart = self._book.add_chart({"type": "line"})
        for day in range(1, 8):
            chart.add_series(
                {
                    "name": [sheet.name, day, 0],
                    "categories": [sheet.name, 0, 1, 0, 24],
                    "values": [sheet.name, day, 1, day, 24],
                }
            )
        chart.set_size({"width": 900, "height": 320})
        sheet.insert_chart(10, 1, chart)

    def notes(self, title: str, found: list[tuple[str, str]]) -> None:
        """Two columns of text."""
        sheet = self._book.add_worksheet(title[:31])
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 110)
        for row, (name, text) in enumerate(found):
            sheet.write_string(row, 0, name, self._formats["text"])
            sheet.write_string(row, 1, text, self._formats["text"])

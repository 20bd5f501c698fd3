"""Figures on one or two pages of A4, by Typst. The same answer gives the same bytes.

What is written goes in as data (JSON), never as Typst's own language: a name cannot be a command.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from warmstation_server.exports.errors import ExportError
from warmstation_server.exports.fonts import FAMILIES
from warmstation_server.exports.table import Speech, name_of
from warmstation_server.exports.workbook import notes
from warmstation_server.usage.answer import Answer, Line
from warmstation_server.usage.metric import Figure, change
from warmstation_server.usage.written import written, written_change

_HEADLINE = ("visits", "daily_visits", "hours_kept", "heating_18", "charger_use", "data")
_COLUMNS = ("visits", "hours_kept", "heating_18", "charger_use", "facilities")
MOST_LINES = 20
_MEANT = ("visits", "daily_visits", "hours_kept", "heating_18", "charger_use", "facilities", "data")


def paper(answer: Answer, t: Speech, place: str, fonts: Sequence[Path], seal: str = "") -> bytes:
    """The PDF; ExportError where Typst refuses. `place`: whose figures they are."""
    said = json.dumps(contents(answer, t, place, seal), ensure_ascii=False)
    import typst  # only an export needs it

    source = resources.files("warmstation_server.exports").joinpath("report.typ").read_bytes()
    try:
        made = typst.compile(  # type: ignore[misc]
            source,
            font_paths=[str(folder) for folder in fonts],
            ignore_system_fonts=True,
            sys_inputs={"report": said},
            timestamp=0,
        )
    except (RuntimeError, ValueError) as error:
        raise ExportError(f"the PDF could not be made: {str(error).splitlines()[0]}") from error
    if not isinstance(made, bytes):
        raise ExportError("the PDF could not be made: it has no pages")
    return made


def contents(answer: Answer, t: Speech, place: str, seal: str = "") -> dict[str, Any]:
    """Everything that stands on the pages, in words."""
    figures, previous = answer.figures, answer.previous_figures
    most = answer.heat.most_visits or 1
    groups = sorted(answer.regional or answer.single, key=lambda line: -line.sums.visits)
    shown = groups[:MOST_LINES]
    highest = max((line.sums.visits for line in shown), default=0) or 1
    return {
        "language": t.language[:2],
        "fonts": list(FAMILIES),
        "title": t("export.title", place=place),
        "subtitle": t(
            "export.subtitle",
            first=str(answer.period.first),
            last=str(answer.period.last),
            stations=len(answer.stations),
        ),
        "simulated": t("export.simulated") if answer.is_simulated else "",
        "figures": [_figure(figures[key], previous[key], t) for key in _HEADLINE],
        "heat_title": t("export.heat"),
        "weekdays": [t(f"weekday.{day}") for day in range(7)],
        "heat": [
            [None if cell.visits is None else cell.visits / most for cell in answer.heat.row(day)]
            for day in range(7)
        ],
        "groups_title": t("export.streets") if answer.regional else t("export.stations"),
        "bars": [
            [name_of(line, t), line.sums.visits / highest, written(line.figures["visits"], t)]
            for line in shown
        ],
        "head": [
            t("export.name"),
            t("export.stations"),
            *(t(f"metric.{key}") for key in _COLUMNS),
            t("response.alerts"),
        ],
        "rows": [_row(line, t) for line in shown],
        "notes_title": t("export.notes"),
        "notes": [
            [name, text]
            for name, text in notes(answer, t, seal)
            if name in {t(f"metric.{key}") for key in _MEANT}
            or name
            in (
                t("export.unknown"),
                t("export.trace"),
                t("export.simulated"),
                t("export.unfinished"),
                t("export.seal"),
            )
        ],
        "foot": t("export.foot", place=place, last=str(answer.period.last)),
    }


def _figure(figure: Figure, before: Figure, t: Speech) -> list[str]:
    changed = written_change(change(figure, before), figure.metric, t)
    return [t(f"metric.{figure.key}"), written(figure, t), changed]


def _row(line: Line, t: Speech) -> list[str]:
    figures = line.figures
    return [
        name_of(line, t),
        str(len(line.group.stations)),
        *(written(figures[key], t) for key in (*_COLUMNS, "alerts")),
    ]

"""The picture of a trouble: temperatures of the last hours, as a PNG. For senders that take one.

`png` is pure; `Curves` reads the history and never fails a message: without data, or where the
picture cannot be made, there is none.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from warmstation_server.history import Point
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.sender import Message
from warmstation_server.places import Text

log = logging.getLogger(__name__)

BEFORE, AFTER = timedelta(hours=6), timedelta(minutes=30)
WINDOW = timedelta(minutes=5)
GAP = 3 * WINDOW
"""A line is not drawn through a longer time without data: unknown is not a straight line."""
LINES: Sequence[tuple[str, Text, str]] = (
    ("room_c", Text("室温", "room"), "#c2410c"),
    ("outlet_c", Text("出风口", "outlet"), "#7c3aed"),
    ("outdoor_c", Text("室外", "outdoors"), "#0369a1"),
)
_LEAST = 3
_CALLS = frozenset({"firing", "severity_up", "escalated", "still_firing"})

Picture = Callable[[Notice, str], bytes | None]
"""The picture of a notice in a language; None where there is nothing to show."""


def nothing(_notice: Notice, _language: str) -> None:
    """Where nobody draws."""


def of_message(message: Message, picture: Picture) -> bytes | None:
    """The picture that goes with a message: of one trouble, where it calls somebody."""
    if len(message.said) != 1 or message.said[0].kind not in _CALLS:
        return None
    return picture(message.said[0], message.language)


class Series(Protocol):
    """What is read of the history."""

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None = None
    ) -> list[Point]:
        """See History."""
        ...


class Curves:
    """Draws what was measured around a notice. For the senders' threads."""

    def __init__(self, history: Series, zone: tzinfo) -> None:
        self._history = history
        self._zone = zone

    def __call__(self, notice: Notice, language: str) -> bytes | None:
        """Only of heat and cold: where the diagnosis says so (its mode), or a temperature does."""
        if "mode" not in notice.evidence and not any(key.endswith("_c") for key in notice.evidence):
            return None
        try:
            start, end = notice.since - BEFORE, notice.at + AFTER
            points = self._history.series(notice.station, max(start, end - 4 * BEFORE), end, WINDOW)
            return png(points, notice.since, language, self._zone)
        except Exception as error:  # noqa: BLE001 - a picture is never worth a message
            log.warning("no picture for %s: %s", notice.station, error)
            return None


def png(points: Sequence[Point], since: datetime, language: str, zone: tzinfo) -> bytes | None:
    """Temperatures over local time, the beginning of the trouble marked; None for too few."""
    drawn = [
        {"name": name.in_language(language), "colour": colour, "runs": runs}
        for field, name, colour in LINES
        if sum(map(len, runs := _runs(points, field))) >= _LEAST
    ]
    if not drawn:
        return None
    import typst  # half a second that only a picture needs

    data = {
        "lines": drawn,
        "since": since.timestamp(),
        "ticks": _ticks(points, zone),
        "first": points[0].at.timestamp(),
        "last": points[-1].at.timestamp(),
    }
    made = typst.compile(_PAGE, format="png", ppi=144.0, sys_inputs={"data": json.dumps(data)})
    return made if isinstance(made, bytes) else None


def _runs(points: Sequence[Point], field: str) -> list[list[tuple[float, float]]]:
    """Stretches without a gap, as (POSIX seconds, value)."""
    runs: list[list[tuple[float, float]]] = []
    last: datetime | None = None
    for point in points:
        value = getattr(point, field)
        if value is None:
            continue
        if last is None or point.at - last > GAP:
            runs.append([])
        runs[-1].append((point.at.timestamp(), round(value, 2)))
        last = point.at
    return runs


def _ticks(points: Sequence[Point], zone: tzinfo) -> list[tuple[float, str]]:
    first, last = points[0].at.astimezone(zone), points[-1].at
    hour = first.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    step = timedelta(hours=1 if last - first <= timedelta(hours=8) else 4)
    ticks = []
    while hour <= last:
        ticks.append((hour.timestamp(), f"{hour:%H:%M}"))
        hour += step
    return ticks


_PAGE = rb"""
#let data = json(bytes(sys.inputs.data))
#set page(width: 320pt, height: 170pt, margin: (left: 28pt, right: 10pt, top: 20pt, bottom: 20pt))
#set text(size: 8pt, fill: rgb("#334155"), font: ("Noto Sans CJK SC", "DejaVu Sans Mono"),
  fallback: true)
#let (wide, tall) = (282pt, 130pt)
#let values = data.lines.map(l => l.runs.flatten().enumerate().filter(p => calc.odd(p.at(0)))
  .map(p => p.at(1))).flatten()
#let low = calc.floor((calc.min(..values) - 1) / 5) * 5
#let high = calc.ceil((calc.max(..values) + 1) / 5) * 5
#let span = calc.max(1, data.last - data.first)
#let x(t) = wide * ((t - data.first) / span)
#let y(v) = tall * (1 - (v - low) / (high - low))
#let step = if high - low > 30 { 10 } else { 5 }
#for v in range(low, high + 1, step: step) {
  place(dy: y(v), line(length: wide, stroke: 0.4pt + rgb("#cbd5e1")))
  place(dx: -26pt, dy: y(v) - 4pt, box(width: 22pt, align(right)[#v]))
}
#for (t, word) in data.ticks {
  place(dx: x(t), line(angle: 90deg, length: tall, stroke: 0.3pt + rgb("#e2e8f0")))
  place(dx: x(t) - 14pt, dy: tall + 5pt, box(width: 28pt, align(center)[#word]))
}
#if data.since >= data.first and data.since <= data.last {
  place(dx: x(data.since), line(angle: 90deg, length: tall,
    stroke: (paint: rgb("#b91c1c"), thickness: 0.8pt, dash: "dashed")))
}
#for l in data.lines {
  for run in l.runs {
    let moves = run.enumerate().map(((i, p)) => {
      let to = (x(p.at(0)), y(p.at(1)))
      if i == 0 { curve.move(to) } else { curve.line(to) }
    })
    place(curve(stroke: 1.3pt + rgb(l.colour), ..moves))
  }
}
#place(dy: -15pt, box(width: wide)[#sym.degree;C #h(6pt) #for l in data.lines {
  box(baseline: -2pt, line(length: 10pt, stroke: 1.5pt + rgb(l.colour))); [ #l.name #h(8pt)]
}])
"""

"""What `warmstation export`, `usage` and `import-counts` do; loaded when one of them is called.

While a server runs, it alone counts: figures are then as fresh as it counted them. Its history is
its own too, but in InfluxDB, where others may read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import typer
from rich.table import Table

from warmstation_dashboards.resources import LANGUAGES
from warmstation_server import claim
from warmstation_server.clock import SystemClock
from warmstation_server.config import Config
from warmstation_server.exports.assembly import Figures, figures
from warmstation_server.exports.errors import ExportError
from warmstation_server.exports.wanted import FORMS, Form, Wanted
from warmstation_server.history import History
from warmstation_server.history.assembly import Hooks, opened_to_read
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.importing_counts import BadCounts, hourly
from warmstation_server.places import Station
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.metric import change
from warmstation_server.usage.period import PRESETS, Period, between, named
from warmstation_server.usage.written import written, written_change
from warmstation_server.web.words import Words

_SOME_DAY = date(9000, 1, 1)
"""Later than whatever is asked for: what is still to come is seen when the day is known."""
_NO_PERIOD = (
    "give --from and --to as dates in order, at most three years apart, "
    f"or --period as {', '.join(PRESETS)} or a month like 2026-10"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that both commands share, as they were typed."""

    first: str
    last: str
    period: str
    region: str
    host: str
    language: str

    def sound(self, form: str | None = None) -> Self:
        """Itself; ExportError where no server could follow it, before any is looked for."""
        if form is not None:
            _kind(form)
        if self.language not in LANGUAGES:
            raise ExportError(f"{self.language} is no language here: use {' or '.join(LANGUAGES)}")
        if self.first or self.last:
            if between(self.first, self.last, _SOME_DAY) is None:
                raise ExportError(_NO_PERIOD)
        elif named(self.period, _SOME_DAY) is None:
            raise ExportError(_NO_PERIOD)
        return self


def write(config: Config, form: str, asked: Asked, out: Path | None) -> Path:
    """Write an export; where it is. ExportError with one sentence."""
    kind = _kind(form)
    with _opened(config) as place:
        if kind == "hours" and not place.has_history:
            raise ExportError(
                "the hours are in the history, which the running server has for itself: "
                "ask it for them at /district/exports, or stop it first"
            )
        span = _period(place, asked)
        wanted = _wanted(kind, span, place, asked)
        path = out or Path(wanted.file_name)
        try:
            place.figures.maker.write(wanted, path, place.now, lambda _, __: None)
        except OSError as error:
            raise ExportError(f"{path}: {error.strerror or error}") from None
        return path


def answered(config: Config, asked: Asked) -> tuple[Answer, dict[str, Any]]:
    """The figures of a period, and the same for programs."""
    with _opened(config) as place:
        span, regions = _period(place, asked), place.roster.regions
        stations = _stations(place, asked, span)
        answer = place.figures.district.answer(stations, regions, span, place.now, asked.region)
        said: dict[str, Any] = {"first": str(span.first), "last": str(span.last)}
        said |= {"stations": len(answer.stations), "finished": answer.is_finished}
        return answer, said | _for_programs(answer, Words(asked.language))


def _for_programs(answer: Answer, t: Words) -> dict[str, Any]:
    """Every figure with its coverage, what it was before, and what it means."""
    previous, last_year = answer.previous_figures, answer.last_year_figures
    return {
        key: {
            "value": one.value,
            "coverage": one.coverage,
            "previous": previous[key].value,
            "last_year": last_year[key].value,
            "means": t(f"metric.{key}.means"),
        }
        for key, one in answer.figures.items()
    }


def shown(answer: Answer, language: str, title: str) -> Table:
    """Figures as a table for a terminal, written as on the pages."""
    t = Words(language)
    names = ("metric", "value", "coverage", "previous_change", "last_year_change")
    table = Table(title=title)
    for name in names:
        table.add_column(t(f"export.{name}"), justify="left" if name == "metric" else "right")
    before = (answer.previous_figures, answer.last_year_figures)
    for key, one in answer.figures.items():
        covered = "?" if one.coverage is None else f"{one.coverage:.1%}"
        changes = (written_change(change(one, was[key]), one.metric, t) for was in before)
        table.add_row(t(f"metric.{key}"), written(one, t), covered, *(c or "?" for c in changes))
    return table


def take_over(config: Config, file: Path, station: str, columns: tuple[str, str]) -> dict[str, int]:
    """Import counts by hour; `columns` of times and counts. BadCounts with one sentence."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            counts = hourly(lines, *columns, station, config.zone_info, file.name)
    except UnicodeDecodeError:
        raise BadCounts(f"{file}: cannot be read: it is not UTF-8") from None
    except BadCounts as error:
        raise BadCounts(f"{file}: {error}") from None
    with closing(Registry.open(config.registry_url)) as registry:
        known = {one.id for one in registry.stations()}
        if station not in known | {one.station.id for one in registry.retired()}:
            raise BadCounts(f"there is no station {station}")
        replaced = registry.visits.replace_imported(station, counts)
    visits = sum(one.visits for one in counts)
    return {"hours": len(counts), "visits": visits, "replaced_hours": replaced}


@dataclass(frozen=True, slots=True)
class _Place:
    """A deployment, opened. `has_history`: no server has it for itself."""

    figures: Figures
    roster: Roster
    now: datetime
    has_history: bool


@contextmanager
def _opened(config: Config) -> Iterator[_Place]:
    clock = SystemClock()
    with ExitStack() as stack:
        registry = stack.enter_context(closing(Registry.open(config.registry_url)))
        roster = Roster(registry, changes=registry.audit)
        roster.refresh()
        history = _history(config, roster, stack)
        known = history or MemoryHistory(config.zone_info)
        found = figures(config, known, registry, roster, clock, stack)
        if history is None or claim.is_held(config.data_dir):
            typer.echo("the server is running: figures are as fresh as it counted them", err=True)
        else:
            found.count_once(clock.now(), threading.Event())
        yield _Place(found, roster, clock.now(), history is not None)


def _history(config: Config, roster: Roster, stack: ExitStack) -> History | None:
    """None where a server has it for itself."""
    try:
        history = opened_to_read(
            config, Hooks(roster.target_c, roster.is_posted_open, roster.seats)
        )
    except HistoryAway:
        return None
    stack.enter_context(closing(history))
    return history


def _period(place: _Place, asked: Asked) -> Period:
    today = place.figures.district.today(place.now)
    if asked.first or asked.last:
        period = between(asked.first, asked.last, today)
    else:
        period = named(asked.period, today)
    if period is None:
        raise ExportError(_NO_PERIOD)
    return period


def _wanted(form: Form, period: Period, place: _Place, asked: Asked) -> Wanted:
    stations = tuple(one.id for one in _stations(place, asked, period))
    return Wanted(form, period, stations, asked.region, asked.host, asked.language)


def _stations(place: _Place, asked: Asked, period: Period) -> list[Station]:
    """Those that are asked for, at least one; ExportError says what there is none of."""
    roster, district = place.roster, place.figures.district
    if not roster.known:
        raise ExportError("no station is registered yet: warmstation station import")
    if asked.region and asked.region not in roster.regions:
        raise ExportError(f"there is no region {asked.region}")
    every = roster.known.values()
    found = district.chosen(every, roster.regions, asked.region, asked.host, period)
    if not found:
        kinds = sorted({one.host_type for one in every if one.host_type})
        raise ExportError(
            f"no station is like that; host types are {', '.join(kinds) or 'unknown'}"
        )
    return found


def _kind(form: str) -> Form:
    for known in FORMS:
        if known == form:
            return known
    raise ExportError(f"{form} is no kind of export: use {', '.join(FORMS)}")

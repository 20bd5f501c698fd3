"""A server that starts with a history but knows no station, on a clock that tests move."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from zoneinfo import ZoneInfo

from tests.support.clocks import FakeClock
from tests.support.registered import FixedPlaces, of_plan
from tests.support.watched import HOUR
from warmstation_edge.simulator import faults
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.generate import Span, history
from warmstation_edge.simulator.plan import StationPlan
from warmstation_server.alerts.condition import Condition
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.learning import Learning
from warmstation_server.roster import Roster

END = datetime(2026, 11, 21, 4, tzinfo=UTC)
START = END - 2 * HOUR
"""The server's first start; until END its reports come live."""
NAME = "ks-songnan"
ZONE = ZoneInfo("Asia/Shanghai")


@cache
def reports(*orders: str) -> tuple[Received, ...]:
    """Eight days of it, with these faults."""
    given = tuple(faults.parse(f"{NAME}:{order}").fault for order in orders)
    made = history(replace(plan(), faults=given), Span(END, 8))
    return tuple(Received(report, plan().district, report.measured_at) for report in made)


@cache
def kept(*orders: str) -> bytes:
    """A history's file with what came before the server's first start."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        with closing(SqliteHistory(path, ZONE)) as made:
            made.append(before(reports(*orders)))
        return path.read_bytes()


@cache
def plan() -> StationPlan:
    return next(one for one in load("kunshan").stations if one.id == NAME)


class Server:
    """What a server has of it: history, watch and learning, on a clock that tests move.

    `orders`: the faults of what it has kept until its start; None: it has kept nothing.
    """

    def __init__(
        self, folder: Path, orders: Sequence[str] | None = (), *, learns: bool = True
    ) -> None:
        self.folder = folder
        self.clock = FakeClock(START)
        self.roster = Roster(FixedPlaces(of_plan(plan())))
        self.roster.refresh()
        if orders is not None:
            (folder / "history.db").write_bytes(kept(*orders))
        self.history = SqliteHistory(folder / "history.db", ZONE)
        self.told: list[Condition] = []
        self.starts(learns=learns)

    def starts(self, *, learns: bool = True, history: History | None = None) -> None:
        """`history`: what there is of it at that moment, where that is another one."""
        now = self.clock.now()
        self.learning = Learning(self.history, self.clock)
        self.watch = KeptWatch(
            self.folder / "watch", self.roster, None, self.learning if learns else None
        )
        self.watch.catch_up(history or self.history, now, now)

    def live(self, given: Sequence[Received], until: datetime) -> None:
        """Reports come as they did, the tick looks once a minute."""
        while self.clock.now() < until:
            begin = self.clock.now()
            self.clock.advance(minutes=1)
            batch = [one for one in given if begin < one.received_at <= self.clock.now()]
            self.history.append(batch)
            self.watch.after_reports(batch)
            self.look({NAME} if batch else set())

    def look(self, touched: set[str]) -> None:
        self.told += self.watch.conditions(touched, self.clock.now())

    def learns(self) -> int:
        """All that is wished for; how many turns that took."""
        turns = 0
        while self.learning.turn():
            turns += 1
            self.look(set())
        return turns

    def onsets(self) -> list[tuple[str, datetime]]:
        return [(one.name, one.at) for one in self.told if one.holds]

    def state(self) -> list[object]:
        """All that is known of the station, but for what was told when and how its link was."""
        kept = self.watch._watch.state(NAME)
        assert kept is not None
        state, _ = json.loads(zlib.decompress(kept))
        _, order, _, health, opening, chargers, (items, *supplies), *rest = state
        levels = {name: values[:-2] for name, values in items.items()}
        return [order, health, opening, chargers, levels, supplies, *rest]


def before(given: Sequence[Received], until: datetime = START) -> list[Received]:
    return [one for one in given if one.received_at <= until]


class Until(Event):
    """Is set once something is so, and nobody has to wait for it."""

    def __init__(self, is_so: Callable[[], bool]) -> None:
        super().__init__()
        self._is_so = is_so

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()

    def is_set(self) -> bool:
        return self._is_so()


class Away(MemoryHistory):
    """Cannot be reached."""

    asked = 0

    def latest(self) -> Iterator[Received]:
        raise HistoryAway("it is away")

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        self.asked += 1
        raise HistoryAway("it is away")

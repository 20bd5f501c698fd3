"""A server that starts with a history but knows no station: it learns beside its work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from zoneinfo import ZoneInfo

import pytest

from tests.support.clocks import FakeClock
from tests.support.registered import FixedPlaces, station
from tests.support.watched import HOUR, MINUTE
from warmstation_edge.simulator import faults
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.generate import Span, history
from warmstation_edge.simulator.plan import StationPlan
from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.lesson import ENOUGH_S, Lesson, Wish
from warmstation_server.history import Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.learning import REACH, Learning
from warmstation_server.places import Station
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


def registered() -> Station:
    promised = plan()
    return station(
        promised.id,
        hours=promised.hours,
        capacity=promised.capacity,
        target_c=promised.target_c,
        supplies=promised.supplies,
    )


class Server:
    """What a server has of it: history, watch and learning, on a clock that tests move.

    `orders`: the faults of what it has kept until its start; None: it has kept nothing.
    """

    def __init__(
        self, folder: Path, orders: Sequence[str] | None = (), *, learns: bool = True
    ) -> None:
        self.folder = folder
        self.clock = FakeClock(START)
        self.roster = Roster(FixedPlaces(registered()))
        self.roster.refresh()
        if orders is not None:
            (folder / "history.db").write_bytes(kept(*orders))
        self.history = SqliteHistory(folder / "history.db", ZONE)
        self.told: list[Condition] = []
        self.starts(learns=learns)

    def starts(self, *, learns: bool = True) -> None:
        now = self.clock.now()
        self.learning = Learning(self.history, self.clock)
        self.watch = KeptWatch(
            self.folder / "watch", self.roster, None, self.learning if learns else None
        )
        self.watch.catch_up(self.history, now, now)

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
        state = json.loads(self.watch._watch.station_state(NAME))
        _, order, _, health, opening, chargers, (items, *supplies), *rest = state
        levels = {name: values[:-2] for name, values in items.items()}
        return [order, health, opening, chargers, levels, supplies, *rest]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    with closing(server.history):
        yield server


def before(given: Sequence[Received], until: datetime = START) -> list[Received]:
    return [one for one in given if one.received_at <= until]


@pytest.mark.parametrize("learns", [True, False])
def test_a_heater_that_fails_minutes_after_the_first_start_is_told_within_half_an_hour(
    tmp_path: Path, learns: bool
) -> None:
    orders = ("heater_dead@-110m",)
    given, server = reports(*orders), Server(tmp_path, orders, learns=learns)
    with closing(server.history):
        server.live(given, START + 8 * MINUTE)
        server.learns()
        server.live(given, END)
    found = [at for name, at in server.onsets() if name == "heating.no_heat"]
    assert found, "it is so plain that nothing need be learned"
    assert found[0] - (END - 110 * MINUTE) <= 30 * MINUTE


def test_what_is_past_is_told_to_nobody(tmp_path: Path) -> None:
    orders = ("smoke@-50h/1h", "heater_dead@-60h/20h", "power_cut@-30h/3h")
    given, server = reports(*orders), Server(tmp_path, orders)
    with closing(server.history):
        server.live(given, START + 10 * MINUTE)
        assert server.learns() >= 1
        server.live(given, END)
    names = {name for name, _ in server.onsets()}
    assert not {"safety.smoke", "heating.no_heat", "station.offline"} & names


def test_what_has_held_since_before_the_start_is_told_with_the_next_report(tmp_path: Path) -> None:
    orders = ("heater_dead@-20h",)
    given, server = reports(*orders), Server(tmp_path, orders)
    with closing(server.history):
        server.live(given, START + 10 * MINUTE)
        server.learns()
        began = server.clock.now()
        server.live(given, began + 6 * MINUTE)
    known = [one for one in server.told if one.holds and one.name == "heating.no_heat"]
    (told,) = [one for one in known if one.at > began]
    assert told.confidence > max(one.confidence for one in known if one.at <= began)
    assert not told.is_late
    assert told.at <= began + 6 * MINUTE
    assert told.since is not None
    assert told.since < START
    assert told.evidence["link"]


def test_it_then_knows_what_it_would_know_had_it_always_listened(
    server: Server, tmp_path: Path
) -> None:
    given = reports()
    server.live(given, START + HOUR)
    server.learns()
    server.live(given, END)
    folder = tmp_path / "always"
    folder.mkdir()
    always = Server(folder, None, learns=False)
    with closing(always.history):
        first = START + HOUR - REACH
        always.watch.after_reports([one for one in before(given) if first <= one.received_at])
        always.live(given, END)
        assert server.state() == always.state()


def test_reports_that_come_while_it_learns_are_judged_at_once_and_learned_in_their_order(
    server: Server,
) -> None:
    given = reports()
    server.live(given, START + 10 * MINUTE)
    assert server.learning.turn()  # and before the watch takes it over, more comes
    begin = server.clock.now()
    server.clock.advance(minutes=10)
    batch = [one for one in given if begin < one.received_at <= server.clock.now()]
    server.history.append(batch)
    server.watch.after_reports(batch)
    assert len(batch) >= 1
    server.look({NAME})
    young = server.watch._watch.station_state(NAME)
    assert server.learning.turn()  # what is missing
    server.look(set())
    assert len(server.watch._watch.station_state(NAME)) > len(young)
    assert not server.learning.turn()


def test_what_was_learned_is_kept_and_not_learned_again(server: Server) -> None:
    given = reports()
    server.live(given, START + 10 * MINUTE)
    assert server.learns() >= 1
    server.watch.write(server.clock.now())
    server.starts()
    server.live(given, server.clock.now() + 10 * MINUTE)
    assert server.learns() == 0


def test_a_server_that_was_killed_before_it_had_learned_learns_after_its_next_start(
    server: Server,
) -> None:
    given = reports()
    server.live(given, START + 10 * MINUTE)
    server.watch.write(server.clock.now())
    server.starts()
    server.live(given, server.clock.now() + 10 * MINUTE)
    assert server.learns() >= 1


def test_who_has_no_past_costs_one_look_into_the_history(tmp_path: Path) -> None:
    server = Server(tmp_path, None)
    with closing(server.history):
        server.live(reports(), START + HOUR)
        young = server.state()
        assert server.learning.turn()
        server.look(set())
        assert server.state() == young


def test_who_has_been_watched_for_days_by_now_is_left_alone(server: Server) -> None:
    server.live(reports(), START + 10 * MINUTE)
    young = server.state()
    server.clock.advance(seconds=ENOUGH_S)
    assert server.learning.turn()
    assert list(server.learning.done()) == []
    assert server.state() == young


def test_the_thread_learns_and_stops_when_told_to(server: Server) -> None:
    server.live(reports(), START + 10 * MINUTE)
    learned: list[Lesson] = []

    def is_done() -> bool:
        learned.extend(server.learning.done())
        return bool(learned)

    server.learning.run(Until(is_done))
    assert [lesson.station for lesson in learned] == [NAME]


def test_while_the_history_is_away_the_wish_stands(server: Server) -> None:
    away = Away()
    learning = Learning(away, server.clock)
    learning.want(Wish(registered(), START.timestamp(), START.timestamp()))
    learning.run(Until(lambda: away.asked >= 2))
    assert away.asked == 2
    assert list(learning.done()) == []


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

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        self.asked += 1
        raise HistoryAway("it is away")

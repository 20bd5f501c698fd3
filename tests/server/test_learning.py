"""A server that starts with a history but knows no station: it learns beside its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.learner import (
    END,
    NAME,
    START,
    Away,
    Server,
    Until,
    before,
    plan,
    reports,
)
from tests.support.registered import of_plan
from tests.support.watched import HOUR, MINUTE
from warmstation_server.conditions.lesson import ENOUGH_S, Lesson, Wish
from warmstation_server.learning import REACH, Learning


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    with closing(server.history):
        yield server


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
    young = server.watch._watch.state(NAME) or b""
    assert server.learning.turn()  # what is missing
    server.look(set())
    assert len(server.watch._watch.state(NAME) or b"") > len(young)
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


def test_who_has_no_past_costs_no_look_into_the_history(tmp_path: Path) -> None:
    """A city's thousand of them, heard for the first time, took a database half a minute."""
    server = Server(tmp_path, None)
    with closing(server.history):
        server.live(reports(), START + HOUR)
        assert server.learns() == 0


def test_who_may_have_a_past_that_was_away_at_the_start_costs_one_look(tmp_path: Path) -> None:
    server = Server(tmp_path, None)
    with closing(server.history):
        server.starts(history=Away())
        server.live(reports(), START + HOUR)
        young = server.state()
        assert server.learns() == 1
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
    learning.want(Wish(of_plan(plan()), START.timestamp(), START.timestamp()))
    learning.run(Until(lambda: away.asked >= 2))
    assert away.asked == 2
    assert list(learning.done()) == []

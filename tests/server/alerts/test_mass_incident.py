"""Trouble at many stations at once: decided in parts, and nothing is different for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest

from tests.support.alerting import OneScene, TextStore, at, minutes
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rule import Rule

HEAT = Rule("heating.no_heat", page="always", pending_for=minutes(2), keep_firing_for=minutes(0))
SMOKE = Rule("safety.smoke", severity="critical", page="always", at_once=True)
TOWN = [f"ks-{number:02}" for number in range(30)]


class Town:
    """A desk that decides so many stations in a turn."""

    def __init__(self, most: int, store: TextStore | None = None) -> None:
        self.store = store or TextStore()
        self.desk = Desk(self.store, OneScene((HEAT, SMOKE)), most)
        self.desk.resume(at(0))

    def turn(self, minute: float, said: Sequence[Condition] = ()) -> None:
        self.desk.turn(said, at(minute))

    def turns(self, minute: float, said: Sequence[Condition] = ()) -> None:
        """As many as it takes, as the pipeline does."""
        self.turn(minute, said)
        while self.desk.is_behind(at(minute)):
            self.turn(minute)

    def stories(self) -> dict[str, list[object]]:
        """What happened at each station, and who was told."""
        found: dict[str, list[object]] = defaultdict(list)
        for one in self.store.transitions:
            found[one.station].append((one.kind, one.at, one.since, one.alert_id))
        for notice in self.store.notices.values():
            found[notice.station].append((notice.key, notice.at))
        return found


def cold(minute: float, stations: Sequence[str] = TOWN, *, is_so: bool = True) -> list[Condition]:
    return [Condition(one, "heating.no_heat", is_so, at(minute)) for one in stations]


def smoke(station: str, *, is_so: bool = True) -> Condition:
    return Condition(station, "safety.smoke", is_so, at(0))


def a_bad_day(town: Town, *, hurries: bool) -> None:
    turn = town.turns if hurries else town.turn
    for step in range(40):
        minute = step / 4
        said = cold(0) if step == 0 else []
        said = cold(5, TOWN[:20], is_so=False) if minute == 5 else said
        said = cold(7, TOWN[10:]) if minute == 7 else said
        turn(minute, said)
    for minute in range(10, 60):  # and then it is quiet for as long as it takes
        turn(minute)


def test_what_is_decided_in_parts_is_what_is_decided_at_once() -> None:
    whole, parts = Town(1_000), Town(4)
    a_bad_day(whole, hurries=False)
    a_bad_day(parts, hurries=True)
    assert parts.stories() == whole.stories()
    assert len(whole.stories()) == len(TOWN)


def test_stations_that_wait_their_turn_keep_the_times_of_what_happened() -> None:
    whole, parts = Town(1_000), Town(4)
    a_bad_day(whole, hurries=False)
    a_bad_day(parts, hurries=False)
    assert parts.stories() == whole.stories()


@pytest.mark.parametrize("most", [4, 1_000])
def test_danger_is_committed_before_anybody_else_is_decided(most: int) -> None:
    town = Town(most)
    town.turn(0, [*cold(0), smoke(TOWN[-1])])
    assert [one.title.en for one in town.store.notices.values()] == ["Smoke"]
    assert {one.station for one in town.store.transitions} == {TOWN[-1]}
    assert town.desk.is_behind(at(0))


def test_a_city_that_says_there_is_no_smoke_is_no_danger() -> None:
    town = Town(4)
    town.turn(0, [*cold(0), *(smoke(one, is_so=one == TOWN[-1]) for one in TOWN)])
    assert [one.station for one in town.store.notices.values()] == [TOWN[-1]]


def test_until_all_are_decided_a_crash_has_everything_judged_again_since_before() -> None:
    town = Town(4)
    town.turns(1, cold(1, TOWN[:1]))
    town.turn(2, cold(2))
    assert town.store.passed == at(1)
    while town.desk.is_behind(at(2)):
        town.turn(2)
    assert town.store.passed == at(2)


def test_a_crash_in_the_midst_tells_nobody_twice_and_forgets_nobody() -> None:
    town = Town(4)
    town.turn(0, cold(0))
    town.turn(2.5)  # and here it dies: what it had not written is judged anew
    town = Town(4, town.store)
    for step in range(40):
        town.turn(3 + step / 4, cold(0) if step == 0 else ())
    told = [one.station for one in town.store.notices.values()]
    assert sorted(told) == TOWN

"""The whole watch over simulated stations: faults are found, health is left alone, restarts cost
nothing."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.support.registered import NOON, of_plan, received, station
from tests.support.watched import HOUR, MINUTE, Registry, Watching, restarted
from warmstation_edge.simulator import faults
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.generate import Span, history
from warmstation_edge.simulator.plan import StationPlan
from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.errors import BadWatch
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import Received

END = datetime(2026, 11, 21, 4, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def songnan(*orders: str) -> StationPlan:
    plan = next(one for one in load("kunshan").stations if one.id == "ks-songnan")
    given = tuple(faults.parse(f"ks-songnan:{order}").fault for order in orders)
    return replace(plan, faults=given)


@cache
def reports(plan: StationPlan, days: int) -> tuple[Received, ...]:
    made = history(plan, Span(END, days))
    return tuple(Received(report, plan.district, report.measured_at) for report in made)


def watched(
    watch: Watch,
    given: Sequence[Received],
    restart: Callable[[Watch, int], Watch] | None = None,
    until: datetime = END,
) -> list[Condition]:
    """What a server that ticks once a minute tells of these reports, which come in order."""
    told: list[Condition] = []
    now, place = given[0].received_at - FIVE, 0
    for turn in range(int((until - now) / MINUTE)):
        now += MINUTE
        batch = []
        while place < len(given) and given[place].received_at <= now:
            batch.append(given[place])
            place += 1
        watch.after_reports(batch)
        told += watch.conditions({one.report.station for one in batch}, now)
        if restart is not None:
            watch = restart(watch, turn)
    return told


def onsets(told: Sequence[Condition]) -> list[tuple[str, str, str, datetime]]:
    """(station, name, subject, at) of each time that something began to hold."""
    found, held = [], set()
    for one in told:
        if one.holds and one.key not in held:
            found.append((one.station, one.name, one.subject, one.at))
            held.add(one.key)
        elif one.holds is False:
            held.discard(one.key)
    return found


@pytest.mark.parametrize(
    ("order", "name", "subject", "begins", "within"),
    [
        ("socket_dead=p2@-9d", "chargers.dead", "p2", -9 * 24 * HOUR, 6 * 24 * HOUR),
        ("heater_dead@-26h", "heating.no_heat", "", -26 * HOUR, 30 * MINUTE),
        ("power_cut@-9h/4h", "station.offline", "", -9 * HOUR, 21 * MINUTE),
        ("locked@-30h/12h", "station.not_opened", "", -29 * HOUR, 125 * MINUTE),
    ],
)
def test_a_fault_in_a_simulated_station_is_found(
    order: str, name: str, subject: str, begins: timedelta, within: timedelta
) -> None:
    plan = songnan(order)
    told = watched(Watch(Registry(of_plan(plan))), reports(plan, 16))
    found = [at for _, what, which, at in onsets(told) if (what, which) == (name, subject)]
    assert [at for at in found if at < END + begins] == []
    assert found
    assert found[0] - (END + begins) <= within


@pytest.mark.parametrize(
    ("stations", "days", "most"), [(4, 10, 0), pytest.param(10, 14, 1, marks=pytest.mark.slow)]
)
def test_a_healthy_fleet_is_left_alone(stations: int, days: int, most: int) -> None:
    plans = [replace(plan, faults=()) for plan in load("kunshan").stations[:stations]]
    watch = Watch(Registry(*map(of_plan, plans)))
    given = [one for plan in plans for one in reports(plan, days)]
    told = watched(watch, sorted(given, key=lambda one: one.received_at))
    false = [one for one in onsets(told) if not one[1].startswith("supplies.")]
    assert len(false) <= most, false
    levels = {
        (one.report.station, supply.item, one.report.measured_at): supply.level or 0.0
        for one in given
        for supply in one.report.supplies or ()
    }
    for where, name, item, at in onsets(told):
        if name.startswith("supplies."):
            assert levels[where, item, at] < 0.25, (where, name, item, at)


def test_a_watch_restored_again_and_again_tells_the_same() -> None:
    plan = songnan("water_empty@-5h", "heater_dead@-26h", "socket_dead=p2@-6d", "power_cut@-3h/1h")
    given = reports(plan, 7)
    registry = Registry(of_plan(plan))

    def restart(watch: Watch, turn: int) -> Watch:
        if turn % 97:
            return watch
        later = restarted(watch, registry)
        # The server was away for no time at all: its silence is not the station's.
        later._listening_s, later._looked_s = watch._listening_s, watch._looked_s
        return later

    assert watched(Watch(registry), given, restart) == watched(Watch(registry), given)


def test_a_station_costs_at_most_eight_kilobytes() -> None:
    plan = songnan()
    watch = Watch(Registry(of_plan(plan)))
    watched(watch, reports(plan, 7))
    assert len(watch.state(plan.id) or b"") <= 8 * 1024


def test_a_damaged_state_is_refused_with_a_reason() -> None:
    one = Watching()
    one.report(safety={"smoke": False})
    with pytest.raises(BadWatch):
        one.watch.resume("ks-songnan", (one.watch.state("ks-songnan") or b"")[:-5])
    with pytest.raises(BadWatch, match="ks-songnan"):
        one.watch.resume("ks-songnan", zlib.compress(b"[]"))


def test_a_restart_keeps_what_was_told() -> None:
    one = Watching()
    one.report(safety={"smoke": True})
    later = one.restarted()
    later.report(one.now + MINUTE, safety={"smoke": True})
    assert [told for told in later.told if told.name == "safety.smoke"] == []
    later.report(one.now + MINUTE, safety={"smoke": False})
    assert later.holds("safety.smoke") is False


def test_what_holds_is_confirmed_every_five_minutes() -> None:
    one = Watching()
    one.every_minute(21 * MINUTE, safety={"smoke": True})
    told = [condition.at - NOON for condition in one.told if condition.name == "safety.smoke"]
    assert told == [minutes * MINUTE for minutes in (1, 6, 11, 16, 21)]
    assert {condition.since for condition in one.told if condition.name == "safety.smoke"} == {
        NOON + MINUTE
    }


def test_hours_that_change_in_the_registry_count_from_then_on() -> None:
    one = Watching(station(hours="Mo-Su 07:00-22:00"))
    inside: dict[str, Any] = {"people": {"inside": 1, "present": True}}
    one.every_minute(2 * HOUR, **inside)
    assert one.holds("station.open_late") is False
    one.registry.stations = {"ks-songnan": station(hours="Mo-Su 07:00-12:00")}
    one.watch.registry_changed()
    one.report(one.now + MINUTE, **inside)
    assert one.holds("station.open_late") is True


def test_a_station_that_is_no_longer_registered_is_forgotten() -> None:
    one = Watching()
    one.report(safety={"smoke": False})
    one.registry.stations = {}
    one.watch.registry_changed()
    one.look(one.now + HOUR)
    assert one.holds("station.offline") is False
    assert one.take([received(9, safety={"smoke": True})]) == set()

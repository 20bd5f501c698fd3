"""Chargers, contactors and smoke."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.support.registered import received
from tests.support.watched import HOUR, MINUTE, Watching
from warmstation_server.conditions.idle_socket import INCREDIBLE, IdleSocket


def ebike(state: str = "available", power_w: float = 0.0, **more: Any) -> dict[str, Any]:
    point = {"id": "e1", "kind": "ebike", "state": state, "power_w": power_w}
    return {"chargers": [point], **more}


def phones(*charging: str) -> dict[str, Any]:
    names = ("p1", "p2", "p3", "p4")
    return {
        "chargers": [
            {"id": name, "kind": "phone", "state": "charging" if name in charging else "available"}
            for name in names
        ]
    }


@pytest.mark.parametrize("reason", ["overcurrent", "overheat"])
def test_what_the_agent_calls_dangerous_is_told_at_once_and_is_urgent(reason: str) -> None:
    one = Watching()
    one.report(**ebike())
    assert one.holds(f"chargers.{reason}", "e1") is False
    one.seq += 1
    one.report(one.now + MINUTE, **ebike("outoforder", faults=[{"sensor": "e1", "reason": reason}]))
    assert one.holds(f"chargers.{reason}", "e1") is True
    assert one.holds("chargers.inoperative", "e1") is False
    one.report(one.now + MINUTE, **ebike())
    assert one.holds(f"chargers.{reason}", "e1") is False


def test_smoke_is_urgent() -> None:
    one = Watching()
    assert one.take([received(1, safety={"smoke": False})]) == set()
    assert one.take([received(2, one.now + MINUTE, safety={"smoke": True})]) == {"ks-songnan"}
    assert one.holds("safety.smoke") is True


def test_smoke_is_unknown_without_its_sensor() -> None:
    one = Watching()
    one.report(safety={"smoke": True})
    one.report(one.now + MINUTE, safety={"contactor": "closed"})
    assert one.last["safety.smoke", ""].holds is None


def test_a_contactor_that_does_not_follow_is_welded() -> None:
    one = Watching()
    one.report(**ebike(faults=[{"sensor": "e1.contactor", "reason": "stuck"}]))
    assert one.holds("chargers.welded", "e1") is True
    one.report(one.now + MINUTE, **ebike())
    assert one.holds("chargers.welded", "e1") is False


def test_a_stations_contactor_fault_is_told_where_no_point_is_named() -> None:
    one = Watching()
    one.report(safety={"contactor": "fault"})
    assert one.holds("chargers.welded") is True
    one.report(one.now + MINUTE, safety={"contactor": "open"})
    assert one.holds("chargers.welded") is False


def test_power_behind_an_open_contactor_is_welded_but_not_in_the_first_seconds() -> None:
    one = Watching()
    one.report(**ebike("charging", 240.0, safety={"contactor": "open"}))
    assert one.holds("chargers.welded") is False
    one.report(one.now + MINUTE, **ebike("charging", 240.0, safety={"contactor": "open"}))
    assert one.holds("chargers.welded") is True


def test_an_ordinary_rest_is_no_trouble_and_a_long_one_is() -> None:
    one = Watching()
    one.every_minute(31 * MINUTE, **ebike("inoperative"))
    assert one.holds("chargers.inoperative", "e1") is False
    one.every_minute(15 * MINUTE, **ebike("inoperative"))
    assert one.holds("chargers.inoperative", "e1") is True
    one.report(one.now + MINUTE, **ebike("unknown"))
    assert one.last["chargers.inoperative", "e1"].holds is None
    one.report(one.now + MINUTE, **ebike())
    assert one.holds("chargers.inoperative", "e1") is False


def test_a_socket_that_nobody_uses_while_all_others_are_used_is_dead_until_it_is_used() -> None:
    one, rng = Watching(), Random("dead")
    for number in range(400):
        usable = ("p1", "p2", "p3", "p4") if number < 120 else ("p1", "p3", "p4")
        one.report(one.now + 5 * MINUTE, **phones(rng.choice(usable)))
        one.report(one.now + 5 * MINUTE, **phones())
        if one.holds("chargers.dead", "p2"):
            break
    assert one.holds("chargers.dead", "p2") is True
    assert number < 120 + 90
    assert all(one.holds("chargers.dead", name) is False for name in ("p1", "p3", "p4"))
    one.report(one.now + 5 * MINUTE, **phones("p2"))
    assert one.holds("chargers.dead", "p2") is False


@pytest.mark.parametrize(
    ("sensor", "reason", "name"),
    [
        ("e1", "overheat", "chargers.overheat"),
        ("e1.contactor", "stuck", "chargers.welded"),
    ],
)
def test_what_lasts_is_said_again_so_that_no_alert_seems_to_lack_data(
    sensor: str, reason: str, name: str
) -> None:
    one = Watching()
    one.report(**ebike(faults=[{"sensor": sensor, "reason": reason}]))
    for _ in range(40):
        one.report(one.now + MINUTE, **ebike(faults=[{"sensor": sensor, "reason": reason}]))
        assert one.now - one.last[name, "e1"].at <= 6 * MINUTE


def test_a_dead_socket_is_said_again_while_nobody_comes_and_the_station_still_has_it() -> None:
    one = Watching()
    for number in range(300):
        one.report(one.now + 5 * MINUTE, **phones("p1" if number % 2 else "p3"))
        one.report(one.now + 5 * MINUTE, **phones())
        if number < 100:
            one.report(one.now + MINUTE, **phones("p2"))
            one.report(one.now + MINUTE, **phones("p4"))
    assert one.holds("chargers.dead", "p2") is True
    for _ in range(40):
        one.report(one.now + MINUTE, **phones())
        assert one.now - one.last["chargers.dead", "p2"].at <= 6 * MINUTE
    gone = phones()
    del gone["chargers"][1]
    at = one.now
    for _ in range(40):
        one.report(one.now + MINUTE, **gone)
    assert one.last["chargers.dead", "p2"].at <= at + MINUTE, "nothing is said of what is not there"


def test_a_socket_that_was_away_for_repair_is_not_dead_when_it_is_back() -> None:
    one = Watching()
    gone = [phones("p1"), phones("p3"), phones()]
    for parts in gone:
        del parts["chargers"][1]
    for number in range(300):
        one.report(one.now + 5 * MINUTE, **(phones("p2") if number < 100 else gone[number % 2]))
        one.report(one.now + 5 * MINUTE, **(phones() if number < 100 else gone[2]))
    one.report(one.now + 5 * MINUTE, **phones("p1"))
    assert one.holds("chargers.dead", "p2") is False


def test_a_single_socket_has_no_neighbours() -> None:
    one = Watching()
    one.every_minute(HOUR, **ebike())
    assert one.holds("chargers.dead", "e1") is None


def test_an_unpopular_socket_earns_patience() -> None:
    corner, favourite = IdleSocket(own=5, other=495, run=60), IdleSocket(own=250, other=250, run=60)
    assert corner.credit(4) > INCREDIBLE
    assert favourite.credit(4) < INCREDIBLE
    assert IdleSocket(run=60).credit(4) > INCREDIBLE


def test_fair_sockets_are_hardly_ever_called_dead() -> None:
    rng, wrong = Random("fair"), 0
    sockets = [IdleSocket() for _ in range(6)]
    for _ in range(60_000):
        chosen = rng.randrange(6)
        for number, socket in enumerate(sockets):
            if number == chosen:
                socket.used(0.0)
            else:
                socket.passed_over(0.0)
        wrong += sum(socket.credit(6) < INCREDIBLE for socket in sockets)
    assert wrong == 0

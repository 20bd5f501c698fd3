"""Alerting in the pipeline: it tells the public, never stops the intake, and loses nothing."""

from __future__ import annotations

from pathlib import Path

from tests.support.alerting_room import MINUTE, Room, holds
from tests.support.registered import NOON, FixedPlaces, station
from warmstation_server.alerts.action import Silence
from warmstation_server.alerts.state import NO_STATION
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.roster import Roster
from warmstation_server.status.against import Against
from warmstation_server.status.override import Override
from warmstation_wire import Alert, decode


def test_what_riders_should_know_is_public_and_on_mqtt_as_long_as_it_lasts() -> None:
    room = Room()
    room.turn(0, holds("heating.no_heat", 0))
    room.turn(1)
    (public,) = room.alerting.told.alerts
    assert (public.station_id, public.cause) == ("ks-songnan", "heating.no_heat")
    assert (public.text.zh, public.text.en) == ("不供暖", "No heat")
    ((topic, payload),) = room.air.sent
    assert topic.endswith("/ks-songnan/alert")
    assert decode(Alert, payload).transition == "firing"
    assert b'warmstation_alerts{state="firing"} 1.0' in room.metrics.render()
    room.turn(2, holds("heating.no_heat", 2, is_so=False))
    for minute in range(3, 20):
        room.turn(minute)
    assert room.alerting.told.alerts == ()
    assert decode(Alert, room.air.sent[-1][1]).transition == "resolved"


def test_what_an_alert_speaks_against_is_known_while_it_is_true_though_it_is_silenced() -> None:
    room = Room()
    room.turn(0, holds("heating.sensor_stuck", 0))
    dead = {"ks-songnan": Against(heating=frozenset({"heating.no_heat"}))}
    room.turn(1, holds("heating.no_heat", 1), holds("heating.sensor_stuck", 1, is_so=False))
    for minute in range(2, 90):
        room.turn(minute)
    assert room.alerting.told.against == dead
    (alert,) = [one.id for one in room.desk.states() if one.name == "heating.no_heat"]
    room.desk.ask(alert, Silence("wang", NOON + 300 * MINUTE))
    room.turn(91)
    assert room.desk.words["silenced"] == 1
    assert [one.cause for one in room.alerting.told.alerts] == ["heating.no_heat"]
    assert room.alerting.told.against == dead
    room.turn(92, holds("heating.no_heat", 92, is_so=False))
    for minute in range(93, 120):
        room.turn(minute)
    assert room.alerting.told.against == {}


def test_what_is_nobodys_business_stays_inside() -> None:
    room = Room()
    room.turn(0, holds("safety.smoke", 0))
    assert room.alerting.told.alerts == ()
    assert [one.severity for one in room.store.notices.values()] == ["critical"]


def test_what_hurries_waits_for_nobody_else() -> None:
    room = Room()
    elsewhere = holds("safety.smoke", 0)._replace(station="ks-far")
    room.source.next += [elsewhere, holds("safety.smoke", 0)]
    room.alerting.hurry({"ks-songnan"}, NOON, is_stored=True)
    assert [one.station for one in room.store.notices.values()] == ["ks-songnan"]
    assert room.source.next == [elsewhere]


def test_a_broken_diagnosis_and_a_store_that_is_away_stop_nothing() -> None:
    room = Room()
    room.source.is_broken = True
    assert room.alerting.after_reports(()) == set()
    room.store.is_away = True
    room.turn(0, holds("safety.smoke", 0))
    room.turn(0.1)
    assert room.store.notices == {}
    room.store.is_away = False
    room.turn(0.2)
    assert len(room.store.notices) == 1
    assert b"warmstation_alert_failures_total 3.0" in room.metrics.render()


def test_silence_while_the_broker_is_away_pages_nobody() -> None:
    room = Room()
    room.is_connected = False
    room.turn(0, holds("station.offline", 0))
    for minute in range(1, 60):
        room.turn(minute)
    room.is_connected = True
    for minute in range(60, 64):
        room.turn(minute)
    assert room.store.notices == {}
    for minute in range(64, 70):
        room.turn(minute)
    assert [one.kind for one in room.store.notices.values()] == ["firing"]


def test_a_damaged_watch_starts_anew(tmp_path: Path) -> None:
    roster = Roster(FixedPlaces(station()))
    roster.refresh()
    path = tmp_path / "watch.state"
    path.write_bytes(b"2026-11-21T04:00:00+00:00\nnonsense")
    KeptWatch(path, roster).write(NOON)
    again = KeptWatch(path, roster)
    assert list(again.conditions({"ks-songnan"}, NOON)) == []


def test_closing_a_station_by_hand_hushes_what_already_fires_there_until_it_ends() -> None:
    room = Room()
    for minute in range(20):
        room.turn(minute, holds("heating.closed", minute))
    (before,) = room.desk.states()
    said = Override("ks-songnan", False, "停电", NOON, NOON + 60 * MINUTE, "li", 7)
    room.roster.overrides = {"ks-songnan": said}
    room.turn(20)
    (hushed,) = room.desk.states()
    assert (before.word, before.is_maintained, hushed.is_maintained) == ("firing", False, True)
    room.roster.overrides = {}
    room.turn(21)
    (again,) = room.desk.states()
    assert not again.is_maintained


def test_alerts_of_a_station_that_is_none_any_more_are_over_and_say_why() -> None:
    room = Room()
    room.turn(0, holds("heating.no_heat", 0), holds("station.no_power", 0))
    room.turn(1)
    told = set(room.store.notices)
    assert room.alerting.told.alerts
    room.places.retire("ks-songnan")
    room.roster.refresh()
    room.turn(2)
    assert room.alerting.told.alerts == ()
    assert room.desk.states() == []
    topic, payload = room.air.sent[-1]
    assert topic.endswith("/ks-songnan/alert")
    said = decode(Alert, payload)
    assert (said.transition, said.state) == ("resolved", "resolved")
    ends = [one for one in room.store.transitions if one.kind == "resolved"]
    assert {(one.note, one.by, one.at) for one in ends} == {(NO_STATION, None, NOON + 2 * MINUTE)}
    heard = [one for key, one in room.store.notices.items() if key not in told]
    assert len(heard) == len(told), "who was told of it hears that it is over"
    assert {(one.kind, one.at, one.region_id) for one in heard} == {
        ("withdrawn", NOON + 2 * MINUTE, "qiandeng")
    }
    room.turn(3, holds("heating.no_heat", 3))
    assert room.desk.states() == []


def test_an_end_that_waits_for_opening_is_told_when_the_station_is_retired() -> None:
    room = Room()
    evening = 9 * 60 + 50  # of an opening that ends at 22:00
    room.turn(evening, holds("heating.no_heat", evening))
    room.turn(evening + 1)
    room.turn(evening + 15, holds("heating.no_heat", evening + 15, is_so=False))
    for minute in range(16, 40):
        room.turn(evening + minute)
    assert [one.kind for one in room.store.notices.values()] == ["firing"]
    room.places.retire("ks-songnan")
    room.roster.refresh()
    room.turn(evening + 40)
    assert [one.kind for one in room.store.notices.values()] == ["firing", "resolved"]


def test_nobody_hears_of_the_end_of_what_nobody_was_told() -> None:
    room = Room()
    night = 11 * 60
    room.turn(night, holds("heating.no_heat", night))
    room.turn(night + 1)
    room.places.retire("ks-songnan")
    room.roster.refresh()
    room.turn(night + 2)
    assert room.desk.states() == []
    assert room.store.notices == {}


def test_hours_that_are_posted_anew_let_out_what_waits_for_opening() -> None:
    room = Room()
    night = 11 * 60  # an hour after its hours
    room.turn(night, holds("heating.no_heat", night))
    room.turn(night + 1)
    assert room.store.notices == {}
    room.places.register(station(hours="24/7"))
    room.roster.refresh()
    room.turn(night + 2)
    assert [one.kind for one in room.store.notices.values()] == ["firing"]


def test_a_station_that_was_retired_while_the_server_was_down_has_no_alerts_either() -> None:
    room = Room()
    room.turn(0, holds("heating.no_heat", 0))
    room.turn(1)
    again = Room(room.store)
    again.places.retire("ks-songnan")
    again.roster.refresh()
    again.turn(2)
    assert again.desk.states() == []
    assert again.alerting.told.alerts == ()
    assert room.store.transitions[-1].note == NO_STATION


def test_silence_counts_again_when_a_clock_that_was_ahead_is_set_back() -> None:
    room = Room()
    room.turn(0)
    room.turn(24 * 60)
    for minute in range(1, 12):
        room.turn(minute, holds("station.offline", minute))
    assert [one.kind for one in room.store.notices.values()] == ["firing"]

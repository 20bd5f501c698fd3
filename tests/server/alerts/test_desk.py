"""The desk: many stations, a store that may be away, and what people do."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.alerting import (
    ESCALATE,
    OneScene,
    TextStore,
    at,
    condition,
    context,
    minutes,
)
from tests.support.migrated import migrated
from warmstation_server.alerts.action import Acknowledge
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.errors import UnknownAlert
from warmstation_server.alerts.rule import Rule
from warmstation_server.registry import Registry

HEAT = Rule("heating.no_heat", page="always", inhibited_by=("station.offline",))
OFFLINE = Rule(
    "station.offline",
    pending_for=minutes(5),
    keep_firing_for=minutes(0),
    page="always",
    is_absence=True,
)
SMOKE = Rule("safety.smoke", severity="critical", page="always", at_once=True)


def desk(*rules: Rule) -> tuple[Desk, TextStore]:
    store = TextStore()
    return Desk(store, OneScene(rules or (HEAT, OFFLINE, SMOKE))), store


def test_smoke_waits_for_nothing() -> None:
    room, store = desk()
    room.turn([condition(0, name="safety.smoke")], at(0))
    assert [one.kind for one in store.notices.values()] == ["firing"]


def test_other_conditions_wait_for_what_may_come_before_them() -> None:
    room, store = desk()
    room.turn([condition(0)], at(0))
    assert store.notices == {}
    room.turn([], at(0.2))
    assert [one.at for one in store.notices.values()] == [at(0)]


def test_an_offline_station_hides_its_other_troubles_and_they_come_out_at_once() -> None:
    room, store = desk()
    room.turn([condition(0, name="station.offline")], at(0))
    for minute in range(1, 7):
        room.turn([], at(minute))
    room.turn([condition(7)], at(7))
    room.turn([], at(8))
    assert [one.title.en for one in store.notices.values()] == ["Station offline"]
    assert room.words["inhibited"] == 1
    room.turn([condition(9, False, "station.offline"), condition(9)], at(9))
    room.turn([], at(9.2))
    said = [(one.kind, one.title.en, one.at) for one in store.notices.values()]
    assert ("firing", "No heat", at(9)) in said
    assert ("resolved", "Station offline", at(9)) in said


@pytest.mark.parametrize("hidden", ["heating.a", "heating.pipes"])
def test_what_comes_together_with_its_cause_is_not_told(hidden: str) -> None:
    pipes = Rule(hidden, page="always", inhibited_by=("station.offline", "heating.no_heat"))
    room, store = desk(HEAT, OFFLINE, pipes)
    room.turn([condition(0, False)], at(0))
    room.turn([], at(59))
    room.turn([condition(50, name=hidden), condition(51)], at(60))
    room.turn([], at(61))
    assert {one.title.en for one in store.notices.values()} == {"No heat"}
    assert {state.name: state.word for state in room.states()}[hidden] == "inhibited"


@pytest.mark.parametrize("hidden", ["heating.a", "heating.pipes"])
def test_what_falls_due_together_with_its_cause_is_not_told(hidden: str) -> None:
    heat = replace(HEAT, pending_for=minutes(10))
    pipes = replace(heat, name=hidden, inhibited_by=("heating.no_heat",))
    room, store = desk(heat, OFFLINE, pipes)
    room.turn([condition(0, name=hidden), condition(0)], at(1))
    room.turn([], at(12))
    assert {one.title.en for one in store.notices.values()} == {"No heat"}


def test_the_return_of_many_stations_after_an_outage_of_the_server_pages_nobody() -> None:
    store = TextStore()
    scene = OneScene((OFFLINE,), context(watching_since=at(10)))
    room = Desk(store, scene)
    stations = [f"ks-{number}" for number in range(2000)]
    silent = [Condition(one, "station.offline", True, at(10), since=at(0)) for one in stations]
    room.turn(silent, at(10))
    back = [Condition(one, "station.offline", False, at(12)) for one in stations]
    room.turn(back, at(12))
    for minute in range(13, 40):
        room.turn([], at(minute))
    assert store.notices == {}


def test_a_store_that_is_away_loses_nothing() -> None:
    room, store = desk()
    room.turn([condition(0)], at(0))
    store.is_away = True
    for second in (0.2, 0.3, 0.4):
        with pytest.raises(ConnectionError):
            room.turn([], at(second))
    asked = None
    store.is_away = False
    room.turn([], at(1))
    (notice,) = store.notices.values()
    assert notice.at == at(0)
    asked = room.ask(notice.alert_id, Acknowledge("wang"))
    store.is_away = True
    with pytest.raises(ConnectionError):
        room.turn([], at(2))
    assert not asked.done()
    store.is_away = False
    room.turn([], at(3))
    assert asked.result(0).word == "acknowledged"


def test_an_alert_that_is_not_there_cannot_be_acknowledged() -> None:
    room, _ = desk()
    asked = room.ask("nothing", Acknowledge("wang"))
    room.turn([], at(0))
    with pytest.raises(UnknownAlert, match="nothing"):
        asked.result(0)


def test_work_planned_while_it_fires_hushes_it() -> None:
    room, store = desk(replace(HEAT, remind=minutes(10)))
    room.turn([condition(0)], at(0))
    room.turn([], at(1))
    room.plan(Window("w", "ks-songnan", at(2), at(60)))
    for minute in range(2, 90):
        room.turn([condition(minute)], at(minute))
    assert [(one.kind, one.at) for one in store.notices.values()] == [
        ("firing", at(0)),
        ("still_firing", at(60)),
        ("reminder", at(70)),
        ("reminder", at(80)),
    ]


def test_a_failure_at_one_station_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    store = TextStore()

    class Broken(OneScene):
        def context(self, key, windows):  # type: ignore[no-untyped-def]
            if key == "ks-bad":
                raise RuntimeError("no context")
            return super().context(key, windows)

    room = Desk(store, Broken((SMOKE,)))
    room.turn([Condition(one, "safety.smoke", True, at(0)) for one in ("ks-bad", "ks-good")], at(0))
    assert [one.station for one in store.notices.values()] == ["ks-good"]
    assert room.failed == 1
    assert "ks-bad" in caplog.text


def test_a_station_that_is_gone_has_no_alerts() -> None:
    store, scene = TextStore(), OneScene((HEAT,))
    room = Desk(store, scene)
    room.turn([condition(0)], at(0))
    room.turn([], at(1))
    assert room.words["firing"] == 1
    scene.gone.add("ks-songnan")
    room.turn([condition(2)], at(2))
    assert room.states() == []


def test_alert_history_and_notices_are_in_the_registry_after_one_commit(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as registry:
        room = Desk(registry.alerts, OneScene((HEAT,)))
        room.turn([condition(0, evidence={"room_c": 12.5})], at(0))
        room.turn([], at(1))
        (state,) = registry.alerts.newest()
        assert state == room.states()[0]
        assert [one.kind for one in registry.alerts.history(state.id)] == ["firing"]
        assert registry.notifications.has_unrouted()
        again = Desk(registry.alerts, OneScene((HEAT,)))
        again.resume(at(1))
        assert again.states() == room.states()
        again.turn([condition(2, False)], at(2))
        again.turn([], at(3))
        assert [one.kind for one in registry.alerts.history(state.id)] == ["firing", "resolved"]
        assert registry.alerts.newest(is_open=True) == ()
        (over,) = registry.alerts.newest(is_open=False)
        assert over.resolved_at == at(2)


def test_a_turn_repeated_after_a_crash_writes_no_second_notice(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as registry:

        class Crashing:
            """Commits, and dies before anyone hears of it."""

            load = staticmethod(registry.alerts.load)

            def commit(self, decided):  # type: ignore[no-untyped-def]
                registry.alerts.commit(decided)
                raise ConnectionError("killed")

        with pytest.raises(ConnectionError):
            Desk(Crashing(), OneScene((SMOKE,))).turn([condition(0, name="safety.smoke")], at(0))
        again = Desk(registry.alerts, OneScene((SMOKE,)))
        again.resume(at(1))
        again.turn([condition(0, name="safety.smoke")], at(1))
        notices = registry.notifications.route(lambda *_: None, at(1))
        assert [one.kind for one in notices] == ["firing"]


def test_alerts_long_over_are_forgotten_with_their_history_and_open_ones_never(
    tmp_path: Path,
) -> None:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as registry:
        room = Desk(registry.alerts, OneScene((HEAT,)))
        both = [Condition(one, "heating.no_heat", True, at(0)) for one in ("ks-a", "ks-b")]
        room.turn(both, at(0))
        room.turn([], at(1))
        room.turn([Condition("ks-a", "heating.no_heat", False, at(2))], at(2))
        room.turn([], at(3))
        (over,) = registry.alerts.newest(is_open=False)
        assert registry.alerts.forget(at(2)) == 0
        assert registry.alerts.forget(at(2.1)) == 1
        assert registry.alerts.forget(at(2.1)) == 0
        assert registry.alerts.history(over.id) == ()
        (still,) = registry.alerts.newest()
        assert (still.station, len(registry.alerts.history(still.id))) == ("ks-b", 1)


def test_danger_does_not_hurry_what_waits_for_its_reports() -> None:
    slow = Rule(
        "heating.cold", pending_for=minutes(1), page="always", inhibited_by=("heating.no_heat",)
    )
    room, store = desk(HEAT, OFFLINE, SMOKE, slow)
    room.turn([condition(0, name="heating.cold")], at(0))
    room.turn([], at(1))
    room.turn([condition(1.05, name="safety.smoke")], at(1.05))
    room.turn([condition(0.98, False, "heating.cold")], at(1.1))
    room.turn([], at(3))
    assert [one.title.en for one in store.notices.values()] == ["Smoke"]


def test_what_ends_and_begins_anew_in_one_moment_of_the_desk_is_two_alerts(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as registry:
        room = Desk(registry.alerts, OneScene((HEAT,)))
        room.resume(at(0))
        room.turn([condition(10, False)], at(10))
        room.turn([], at(11))
        room.turn([condition(5), condition(6, False), condition(7)], at(11.1))
        (state,) = room.states()
        assert (state.word, state.since) == ("firing", at(7))
        (over,) = registry.alerts.newest(is_open=False)
        assert (over.since, over.id == state.id) == (at(5), False)


def test_what_is_found_late_is_not_the_alert_that_was_live_then(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as registry:
        room = Desk(registry.alerts, OneScene((HEAT,)))
        room.turn([condition(0)], at(0))
        room.turn([condition(5, False)], at(5))
        room.turn([], at(6))
        room.turn([condition(0, is_late=True)], at(30))
        room.turn([], at(31))
        assert {one.phase for one in registry.alerts.newest()} == {"resolved", "past"}


AHEAD = 24 * 60
"""Minutes that the server's clock is ahead for a while."""


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_clock_that_was_ahead_and_is_set_back_holds_up_no_alert(*, is_restarted: bool) -> None:
    heat = replace(HEAT, escalate=ESCALATE, acknowledge_for=minutes(30))
    room, store = desk(heat)
    for minute in (0, 1, AHEAD + 1, AHEAD + 2):  # a station without a clock counts by the server's
        room.turn([condition(minute)], at(minute))
    (alert,) = room.states()
    room.ask(alert.id, Acknowledge("wang"))
    room.turn([], at(AHEAD + 3))
    told = len(store.notices)
    if is_restarted:
        room = Desk(store, OneScene((heat,)))
        room.resume(at(2))
    for minute in range(2, 70):
        room.turn([condition(minute)] if minute < 60 else [], at(minute))
    said = [(one.kind, one.title.en, one.at) for one in store.notices.values()][told:]
    assert ("reminder", "No heat", at(32)) in said, "what was taken on for half an hour"
    room.turn([condition(70, False)], at(70))
    room.turn([], at(71))
    assert [one.kind for one in store.notices.values()][-1] == "resolved"


def test_what_waits_when_the_clock_is_set_back_is_decided() -> None:
    room, store = desk()
    room.turn([], at(0))
    room.turn([condition(AHEAD)], at(AHEAD))
    room.turn([], at(1))
    room.turn([], at(2))
    assert [(one.kind, one.at) for one in store.notices.values()] == [("firing", at(1))]


def test_what_late_data_knew_of_is_kept_where_it_does_not_fire_any_more(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as registry:
        room = Desk(registry.alerts, OneScene((replace(HEAT, pending_for=minutes(10)),)))
        room.turn([condition(0, is_late=True)], at(20))
        room.turn([condition(30)], at(30))
        room.turn([condition(35, False)], at(35))
        room.turn([], at(36))
        (over,) = registry.alerts.newest()
        assert (over.phase, over.since, over.resolved_at) == ("resolved", at(0), at(35))
        story = [(one.kind, one.is_late) for one in registry.alerts.history(over.id)]
        assert story == [("late", True), ("resolved", True)]
        assert not registry.notifications.has_unrouted()

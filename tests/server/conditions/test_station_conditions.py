"""The station's computer, link, sensors, hours and crowd: on, off and unknown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.registered import NOON, station
from tests.support.watched import HOUR, MINUTE, Watching

SIX = NOON - 6 * HOUR
"""06:00, an hour before ks-songnan opens."""
EMPTY: dict[str, Any] = {"people": {"inside": 0, "entered": 5, "left": 5, "present": False}}
BUSY: dict[str, Any] = {"people": {"inside": 3, "entered": 8, "left": 5, "present": True}}


def watching(at: datetime = NOON, newest_agent: str | None = None, capacity: int = 12) -> Watching:
    one = Watching(station(capacity=capacity), newest_agent=newest_agent)
    one.now = at
    one.look()
    return one


def test_a_silent_station_is_offline_and_everything_else_unknown() -> None:
    one = watching()
    one.every_minute(10 * MINUTE, agent={"undervoltage": False}, safety={"smoke": False})
    assert one.holds("station.offline") is False
    one.look(one.now + 14 * MINUTE)
    assert one.holds("station.offline") is False
    one.look(one.now + 2 * MINUTE)
    assert one.holds("station.offline") is True
    assert one.one("station.offline").since == NOON + 10 * MINUTE
    assert one.holds("safety.smoke") is None
    assert one.last["safety.smoke", ""].holds is None
    one.report(agent={"undervoltage": False}, safety={"smoke": False})
    assert one.holds("station.offline") is False
    assert one.holds("safety.smoke") is False


def test_a_server_that_was_away_itself_calls_nobody_offline() -> None:
    one = watching()
    one.every_minute(5 * MINUTE)
    one.now += 30 * MINUTE
    one.look()
    one.look(one.now + 10 * MINUTE)
    assert one.holds("station.offline") is False
    one.look(one.now + 6 * MINUTE)
    assert one.holds("station.offline") is True


def test_a_server_that_hears_nobody_calls_nobody_offline() -> None:
    one = watching()
    one.every_minute(5 * MINUTE)
    for _ in range(30):
        one.look(one.now + MINUTE)
        one.watch.deaf(one.now)
    assert one.holds("station.offline") is False
    one.look(one.now + 16 * MINUTE)
    assert one.holds("station.offline") is True


def test_a_link_that_keeps_breaking_is_flapping_and_a_steady_one_heals() -> None:
    one = watching()
    one.every_minute(10 * MINUTE)
    for gap in (6, 9, 5, 11, 7):
        one.report(one.now + gap * MINUTE)
        one.every_minute(5 * MINUTE)
    assert one.holds("station.flapping_link") is True
    one.every_minute(5 * HOUR)
    assert one.holds("station.flapping_link") is False


def test_a_slower_interval_is_no_broken_link() -> None:
    one = watching()
    one.every_minute(20 * MINUTE)
    one.every_minute(3 * HOUR, every=5 * MINUTE)
    assert one.holds("station.flapping_link") is False


def test_undervoltage_ends_after_ten_minutes_without() -> None:
    one = watching()
    one.report(agent={"undervoltage": True})
    assert one.holds("station.undervoltage") is True
    one.every_minute(9 * MINUTE, agent={"undervoltage": False})
    assert one.holds("station.undervoltage") is True
    one.every_minute(2 * MINUTE, agent={"undervoltage": False})
    assert one.holds("station.undervoltage") is False


def test_a_clock_without_time_is_told_after_a_quarter_of_an_hour() -> None:
    one = watching()
    one.every_minute(14 * MINUTE, clock="unsynced")
    assert one.holds("station.clock") is None
    one.every_minute(3 * MINUTE, clock="unsynced")
    assert one.holds("station.clock") is True
    one.report(one.now + MINUTE)
    assert one.holds("station.clock") is False


def test_a_clock_ahead_is_told_at_once() -> None:
    one = watching()
    one.report(one.now + 10 * MINUTE, late=-10 * MINUTE)
    assert one.holds("station.clock") is True
    assert one.one("station.clock").value == -600


def test_a_clock_behind_is_told_from_a_backlog() -> None:
    one = watching()
    for _ in range(100):
        one.report(one.now - 6 * MINUTE, late=7 * MINUTE)
    assert one.holds("station.clock") is True
    drained = watching()
    for number in range(100):
        drained.report(drained.now - 6 * MINUTE, late=7 * MINUTE if number % 20 else 6 * MINUTE)
        drained.report(drained.now)
    assert drained.holds("station.clock") is False


def test_a_clock_months_behind_after_a_power_cut_hides_no_smoke_and_is_told() -> None:
    """A router that lost its own time tells the station a wrong one: what it measures is of now."""
    one, behind = watching(), timedelta(days=100)
    one.every_minute(10 * MINUTE, safety={"smoke": False})
    after: dict[str, Any] = {"stream": "beef", "late": behind}
    one.seq = 1000
    one.report(one.now + MINUTE - behind, safety={"smoke": False}, **after)
    one.report(one.now + MINUTE - behind, safety={"smoke": True}, **after)
    assert one.holds("safety.smoke") is True
    assert not one.one("safety.smoke").is_late
    for _ in range(100):
        one.report(one.now + MINUTE - behind, safety={"smoke": True}, **after)
    assert one.holds("station.offline") is False
    assert one.holds("station.clock") is True


def test_a_stream_between_two_power_cuts_is_of_the_past_when_it_comes_last() -> None:
    one = watching()
    one.every_minute(10 * MINUTE, safety={"smoke": False})
    one.seq = 5000
    one.report(one.now + 2 * HOUR, stream="beef", safety={"smoke": False})
    one.seq = 2000
    one.report(one.now - HOUR, late=HOUR + MINUTE, stream="cafe", safety={"smoke": True})
    assert one.holds("safety.smoke") is False


def test_an_outbox_that_grows_for_an_hour_is_told_until_it_has_drained() -> None:
    one = watching()
    for queued in range(120):
        one.report(one.now + MINUTE, agent={"queued": queued, "dropped": 0})
    assert one.holds("station.outbox") is True
    for queued in range(120, 0, -2):
        one.report(one.now + MINUTE, agent={"queued": queued, "dropped": 0})
    assert one.holds("station.outbox") is False


def test_dropped_reports_are_told_for_six_hours() -> None:
    one = watching()
    one.report(agent={"queued": 0, "dropped": 3})
    assert one.holds("station.outbox") is False
    one.report(one.now + MINUTE, agent={"queued": 0, "dropped": 4})
    assert one.holds("station.outbox") is True
    one.every_minute(6 * HOUR + MINUTE, agent={"queued": 0, "dropped": 4})
    assert one.holds("station.outbox") is False


def test_a_sensor_without_a_value_is_told_with_its_reason_until_it_is_back() -> None:
    one = watching()
    one.every_minute(2 * MINUTE, faults=[{"sensor": "outlet", "reason": "crc"}])
    assert one.holds("station.sensor", "outlet") is None
    one.every_minute(2 * MINUTE, faults=[{"sensor": "outlet", "reason": "crc"}])
    told = one.one("station.sensor", "outlet")
    assert told.holds is True
    assert told.evidence["reason"] == "crc"
    assert told.advice is not None
    assert told.since == NOON + MINUTE
    one.report(one.now + MINUTE)
    assert one.holds("station.sensor", "outlet") is False


def test_an_old_agent_is_told_where_the_newest_is_known() -> None:
    one = watching(newest_agent="1.2.0")
    one.report(agent={"version": "1.10.0"})
    assert one.holds("station.agent_outdated") is False
    one.report(one.now + MINUTE, agent={"version": "1.1.9"})
    assert one.holds("station.agent_outdated") is True
    one.report(one.now + MINUTE, agent={"version": "main"})
    assert one.holds("station.agent_outdated") is None


def test_a_door_that_nobody_opens_is_told_after_three_hours_at_first() -> None:
    one = watching(SIX)
    one.every_minute(3 * HOUR + 59 * MINUTE, **EMPTY)
    assert one.holds("station.not_opened") is False
    one.every_minute(5 * MINUTE, **EMPTY)
    assert one.holds("station.not_opened") is True
    assert one.one("station.not_opened").since == SIX + HOUR
    one.report(one.now + MINUTE, **BUSY)
    assert one.holds("station.not_opened") is False


def test_a_station_known_to_be_punctual_is_missed_within_the_hour() -> None:
    one = watching(SIX)
    for _ in range(6):
        morning = one.now
        one.every_minute(HOUR + 5 * MINUTE, **EMPTY)
        one.every_minute(10 * MINUTE, **BUSY)
        one.every_minute(timedelta(days=1) - (one.now - morning), every=5 * MINUTE, **EMPTY)
    one.every_minute(HOUR + 44 * MINUTE, **EMPTY)
    assert one.holds("station.not_opened") is False
    one.every_minute(5 * MINUTE, **EMPTY)
    assert one.holds("station.not_opened") is True


def test_nobody_can_say_not_opened_without_a_sensor_that_would_see() -> None:
    one = watching(SIX)
    one.every_minute(5 * HOUR, climate={"room_c": 18.0})
    assert one.holds("station.not_opened") is None


def test_people_long_past_closing_are_told_and_staff_before_opening_are_not() -> None:
    one = watching(NOON + 9 * HOUR)  # 21:00, it closes at 22:00
    one.every_minute(HOUR + 59 * MINUTE, **BUSY)
    assert one.holds("station.open_late") is False
    one.every_minute(2 * MINUTE, **BUSY)
    assert one.holds("station.open_late") is True
    one.every_minute(20 * MINUTE, **EMPTY)
    assert one.holds("station.open_late") is False
    one.every_minute(5 * HOUR + 40 * MINUTE, every=5 * MINUTE, **EMPTY)
    one.every_minute(HOUR, **BUSY)  # from 05:00 on
    assert one.holds("station.open_late") is False


def test_full_for_half_an_hour_is_crowded() -> None:
    one = watching(capacity=3)
    one.every_minute(29 * MINUTE, **BUSY)
    assert one.holds("station.crowded") is False
    one.every_minute(3 * MINUTE, **BUSY)
    assert one.holds("station.crowded") is True
    one.every_minute(12 * MINUTE, **EMPTY)
    assert one.holds("station.crowded") is False
    one.report(one.now + MINUTE, people={"present": True})
    assert one.last["station.crowded", ""].holds is None


def test_nobody_can_say_crowded_any_more_where_the_seats_are_no_longer_known() -> None:
    one = watching(capacity=3)
    one.every_minute(35 * MINUTE, **BUSY)
    assert one.holds("station.crowded") is True
    one.registry.stations = {"ks-songnan": station(capacity=0)}
    one.watch.registry_changed()
    one.every_minute(2 * MINUTE, **BUSY)
    assert one.last["station.crowded", ""].holds is None


def test_late_reports_move_nothing_but_tell_what_was_dangerous() -> None:
    one = watching()
    one.seq = 100
    one.report(safety={"smoke": False})
    one.look(NOON + MINUTE / 2)
    before = len(one.told)
    one.seq = 40
    one.report(NOON - HOUR, late=HOUR + MINUTE, safety={"smoke": True})
    (told,) = one.told[before:]
    assert (told.name, told.holds, told.is_late, told.at) == (
        "safety.smoke",
        True,
        True,
        NOON - HOUR,
    )
    one.seq = 101
    one.report(one.now + MINUTE, safety={"smoke": True})
    assert one.one("safety.smoke").is_late is False


def test_a_backlog_in_order_is_told_as_late_until_it_has_caught_up() -> None:
    one = watching()
    one.report(safety={"smoke": False})
    one.report(NOON + MINUTE, late=HOUR, safety={"smoke": True})
    assert one.one("safety.smoke").is_late is True
    one.report(one.now, safety={"smoke": True})
    assert one.one("safety.smoke").is_late is False
    assert one.holds("safety.smoke") is True


def test_a_repeat_tells_nothing() -> None:
    one = watching()
    one.report(safety={"smoke": True})
    before = len(one.told)
    one.seq -= 1
    one.report(safety={"smoke": True})
    assert len(one.told) == before


def test_an_unregistered_station_is_not_watched() -> None:
    one = Watching(station("ks-other"))
    one.report(safety={"smoke": True})
    assert one.told == []

"""A weekday that is shut while its posted hours say open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.notices import SHANGHAI, notice
from tests.support.places import station
from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.weekly import (
    correction,
    hint,
    shut_day,
    times_shut,
    undone,
)
from warmstation_server.hours import Hours
from warmstation_server.notify.hints import Hints
from warmstation_server.notify.template import Style, Templates
from warmstation_server.places import Station

SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)
"""09:00 in Shanghai, when it opens."""
OPEN_DAILY = station("ks-1", hours="Mo-Su 09:00-18:00; PH off", is_simulated=False)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def alert(weeks: int = 0, **changes: Any) -> AlertState:
    """Not opened on a Sunday so many weeks ago, for the whole day; this week's still fires."""
    begun = SUNDAY - weeks * WEEK
    ended = begun + 9 * HOUR if weeks else None
    facts: dict[str, Any] = {"since": begun, "resolved_at": ended} | changes
    state = AlertState(
        *("ks-1", "station.not_opened", "", f"a{weeks}", "firing", begun),
        *("warning", "station", begun, begun, begun),
    )
    return replace(state, **facts)


def past(*weeks: int) -> list[AlertState]:
    return [alert(one) for one in weeks]


def times(before: Iterable[AlertState], place: Station = OPEN_DAILY) -> int:
    return times_shut(alert(), before, place)


def test_sundays_in_a_row_are_counted_and_an_open_one_ends_the_row() -> None:
    assert times(past(0)) == 1
    assert times(past(1, 2)) == 3
    assert times(past(1, 3, 4)) == 2
    assert times(past(2, 3, 4)) == 1
    assert times(past(*range(1, 40))) == 7


def test_a_sunday_off_neither_counts_nor_ends_the_row() -> None:
    place = replace(OPEN_DAILY, hours="Mo-Su 09:00-18:00; 2026 Nov 15 off")
    assert times(past(2, 3), place) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "heating.no_heat"},
        {"since": SUNDAY + 3 * HOUR},  # it was open in the morning
        {"since": SUNDAY - HOUR},
        {"resolved_at": SUNDAY + 4 * HOUR},  # somebody came after all
    ],
    ids=["another trouble", "from noon on", "before it opens", "opened late"],
)
def test_only_a_whole_day_counts(changes: dict[str, Any]) -> None:
    assert shut_day(alert(**changes), OPEN_DAILY) is None
    assert times_shut(alert(**changes), past(1, 2), OPEN_DAILY) == 0


def test_other_evidence_of_the_same_day_counts_once() -> None:
    both = [alert(1), alert(1, name="heating.closed", since=SUNDAY - WEEK + HOUR)]
    assert times(both) == 2


@pytest.mark.parametrize(
    "hours",
    [
        "Mo-Su 09:00-18:00",
        "Mo-Su 09:00-12:00,14:00-18:00; PH off",
        "Mo-Su 09:00-02:00",
        "Nov-Mar Mo-Su 09:00-18:00; Apr-Oct Mo-Fr 09:00-17:00",
        "PH,Mo-Su 09:00-18:00",
    ],
)
def test_the_correction_shuts_that_weekday_and_no_other(hours: str) -> None:
    place = replace(OPEN_DAILY, hours=hours)
    corrected = correction(place, SUNDAY.date())
    assert corrected == f"{hours}; Su off"
    was, is_now = Hours(hours), Hours(corrected)
    for days in range(60):
        opening = SUNDAY + timedelta(days=days)
        weekday = opening.astimezone(SHANGHAI).weekday()
        assert is_now.is_open(opening) == (was.is_open(opening) and weekday != 6)
    assert undone(replace(place, hours=corrected)) == (6, hours)


@pytest.mark.parametrize("hours", ["24/7", "Mo-Sa 09:00-18:00"])
def test_where_that_cannot_be_said_by_adding_to_them_nothing_is_offered(hours: str) -> None:
    assert correction(replace(OPEN_DAILY, hours=hours), SUNDAY.date()) is None


def test_hours_that_nobody_corrected_are_not_taken_back() -> None:
    assert undone(OPEN_DAILY) is None
    assert undone(replace(OPEN_DAILY, hours="Su off")) is None


def test_a_correction_is_never_longer_than_hours_may_be() -> None:
    def corrected(count: int) -> str | None:
        hours = "Mo-Su 09:00-18:00" + "; Dec 24 off" * count
        return correction(replace(OPEN_DAILY, hours=hours), SUNDAY.date())

    assert len(corrected(39) or "") == 493
    assert corrected(40) is None


class Kept:
    """Alerts in memory."""

    def __init__(self, *states: AlertState) -> None:
        self.states = states
        self.is_away = False

    def find(self, alert_id: str) -> AlertState | None:
        """By its id."""
        if self.is_away:
            raise ConnectionError
        return next((one for one in self.states if one.id == alert_id), None)

    def newest(self, station: str | None = None) -> Iterable[AlertState]:
        """All of them."""
        return self.states


def test_the_message_says_so_from_the_third_time_on() -> None:
    kept = Kept(*past(0, 1))
    known = {"ks-1": OPEN_DAILY}
    told = Templates("https://w", SHANGHAI, known.get, Hints(kept, lambda: known))
    zh, en = Style("plain", "zh-CN", 2_048), Style("plain", "en", 2_048)

    def said(style: Style, **changes: Any) -> str:
        facts = {"alert_id": "a0", "station": "ks-1"} | changes
        return told.full(notice(1, **facts), "k", style, may_repeat=False)

    assert "连续" not in said(zh)
    kept.states = tuple(past(0, 1, 2))
    assert "\n已连续 3 个周日未开放：如周日不再开放，请在告警页一键更正公布的时间。\n" in said(zh)
    assert "Shut on 3 Sundays in a row" in said(en)
    assert hint(6, 3).zh not in said(zh, kind="resolved")
    assert "连续" not in said(zh, alert_id="another")
    assert "连续" not in said(zh, station="gone")
    kept.is_away = True
    assert "连续" not in said(zh)

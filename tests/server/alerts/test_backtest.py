"""Rules tried on what was recorded: the same decisions as live, and how two sets differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.places import REGIONS
from tests.support.places import station as place
from tests.support.registered import NOON, received
from warmstation_server.alerting_past import judged
from warmstation_server.alerts.backtest import Judged, only_in
from warmstation_server.alerts.dry_run import DryRun
from warmstation_server.alerts.rules import Rules, load
from warmstation_server.conditions.watch import Watch
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.past import Amendment, Turn
from warmstation_server.places import Region, Retired, Station
from warmstation_server.roster import Roster

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Places:
    """Two stations, of which the second lies in another street."""

    def regions(self) -> tuple[Region, ...]:
        other = Region("zhoushi", REGIONS[0].name, "street", "kunshan")
        return (*REGIONS, other)

    def stations(self) -> tuple[Station, ...]:
        both = place("ks-songnan", hours="24/7"), place("ks-other", hours="24/7")
        return both[0], _moved(both[1])

    def retired(self) -> tuple[Retired, ...]:
        return ()

    def revision(self) -> int:
        return 1


def _moved(station: Station) -> Station:
    return replace(station, region_id="zhoushi")


@pytest.fixture(scope="module")
def roster() -> Roster:
    found = Roster(Places())
    found.refresh()
    return found


@pytest.fixture(scope="module")
def history() -> MemoryHistory:
    """Three days; on the second and third a charger is broken for two hours at both."""
    found = MemoryHistory()
    for station in ("ks-songnan", "ks-other"):
        found.append(
            [
                received(
                    number + 1,
                    NOON + number * 5 * MINUTE,
                    station=station,
                    chargers=[{"id": "p1", "kind": "phone", "state": _state(number)}],
                )
                for number in range(3 * 288)
            ]
        )
    return found


def _state(number: int) -> str:
    return "outoforder" if number % 288 < 24 and number >= 288 else "available"


def rules(folder: Path, text: str) -> Rules:
    path = folder / "rules.toml"
    path.write_text(text)
    return load(path)


def tried(history: MemoryHistory, roster: Roster, *sets: Rules, days: int = 3) -> list[Judged]:
    return judged(history, roster, sets, NOON, NOON + days * DAY)


def broken(one: Judged) -> list[tuple[str, str]]:
    return [(page.station, page.kind) for page in one.pages if "out of order" in page.title.en]  # type: ignore[operator]


def test_pages_a_day_are_over_the_days_asked_for(history: MemoryHistory, roster: Roster) -> None:
    (found,) = tried(history, roster, load())
    assert broken(found) == [("ks-other", "firing"), ("ks-songnan", "firing")] * 2
    assert found.pages_a_day == len(found.pages) / 3
    (first,) = tried(history, roster, load(), days=1)
    assert broken(first) == []


def test_a_backtest_decides_as_the_desk_does_live(history: MemoryHistory, roster: Roster) -> None:
    (found,) = tried(history, roster, load())
    live, watch = DryRun(roster, load(), NOON), Watch(roster)
    reports = sorted(
        (one for key in roster.stations for one in history.reports(key, NOON, NOON + 3 * DAY)),
        key=lambda one: one.received_at,
    )
    now = NOON
    while now < NOON + 3 * DAY:
        batch = [one for one in reports[:2] if one.received_at <= now]
        del reports[: len(batch)]
        watch.after_reports(batch)
        live.take(watch.conditions({one.report.station for one in batch}, now), now)
        now += MINUTE / 2
    assert [one.key for one in live.notices if one.kind == "firing"] == [
        one.key for one in found.notices if one.kind == "firing"
    ]


class Changed(Places):
    """Posted as open all day and night until noon of the third day, and hardly ever since."""

    def stations(self) -> tuple[Station, ...]:
        return (replace(super().stations()[0], hours="Dec 25 09:00-10:00"),)

    def amendments(self, after: int) -> Sequence[Amendment]:
        change = Amendment(1, "ks-songnan", NOON + 2 * DAY - MINUTE, {"hours": "24/7"})
        return [change][after:]

    def turns(self, _after: int) -> Sequence[Turn]:
        return ()


def test_a_day_is_judged_by_the_hours_that_were_posted_on_it(history: MemoryHistory) -> None:
    registry = Changed()
    as_it_was, today = Roster(registry, changes=registry), Roster(registry)
    for one in (as_it_was, today):
        one.refresh()
    before = as_it_was.stations
    (found,) = tried(history, as_it_was, load())
    assert broken(found) == [("ks-songnan", "firing")], "of the second day, not of the third"
    assert as_it_was.stations is before, "who asks is not changed"
    (found,) = tried(history, today, load())
    assert broken(found) == []


def test_a_region_s_rules_hold_there_and_below_and_nowhere_else(
    history: MemoryHistory, roster: Roster, tmp_path: Path
) -> None:
    quiet = rules(
        tmp_path,
        '[[rule]]\nname = "chargers.inoperative"\nregion = "qiandeng"\npage = "never"\n',
    )
    all_of_them, fewer = tried(history, roster, load(), quiet)
    assert broken(fewer) == [("ks-other", "firing")] * 2
    missing = only_in(all_of_them, fewer)
    assert {page.station for page in missing} == {"ks-songnan"}
    assert only_in(fewer, all_of_them) == ()


def test_a_difference_in_severity_or_tier_is_a_difference(
    history: MemoryHistory, roster: Roster, tmp_path: Path
) -> None:
    graver = rules(
        tmp_path,
        '[[rule]]\nname = "chargers.inoperative"\nseverity = "urgent"\nowner = "community"\n'
        "escalate = []\n",
    )
    one, other = tried(history, roster, load(), graver)
    assert len(broken(one)) == len(broken(other)) == 4
    assert {page.severity for page in only_in(other, one)} == {"urgent"}
    assert {page.severity for page in only_in(one, other)} == {"warning"}


def test_nothing_recorded_is_no_page(roster: Roster) -> None:
    (found,) = tried(MemoryHistory(), roster, load())
    assert (found.pages, found.pages_a_day) == ((), 0.0)
    assert Judged((), NOON, NOON).pages_a_day == 0.0

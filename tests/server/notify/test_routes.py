from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from tests.support.notices import SHANGHAI, notice, route
from tests.support.registered import NOON
from warmstation_server.notify.assembly import ancestors_in
from warmstation_server.notify.rota import QuietHours
from warmstation_server.notify.routes import Route, Router
from warmstation_server.places import Region, Text

REGIONS = {
    one.id: one
    for one in (
        Region("kunshan", Text("昆山"), "city"),
        Region("qiandeng", Text("千灯"), "street", "kunshan"),
        Region("songnan", Text("淞南"), "community", "qiandeng"),
        Region("loop", Text("圈"), "grid", "loop"),
    )
}
NIGHT = QuietHours(time(22), time(7))


def told(
    *routes: Route, now: datetime = NOON, **changes: Any
) -> list[tuple[str, timedelta]] | None:
    router = Router(routes, ancestors_in(REGIONS), SHANGHAI, timedelta(seconds=5))
    found = router.addresses(notice(1, **changes), now)
    return None if found is None else [(one.channel, one.due_at - now) for one in found]


def channels(*routes: Route, **changes: Any) -> list[str] | None:
    found = told(*routes, **changes)
    return None if found is None else [channel for channel, _ in found]


def test_the_nearest_people_of_the_tier_are_told() -> None:
    near, far = route("near", region="songnan"), route("far", region="qiandeng")
    assert channels(far, route("all"), near) == ["near"]
    assert channels(far, route("all")) == ["far"]
    assert channels(route("all")) == ["all"]


def test_without_people_of_the_tier_the_next_one_up_is_told() -> None:
    city, street = route("city", tier="city"), route("street", tier="street", region="qiandeng")
    assert channels(city, street) == ["street"]
    assert channels(city, street, tier="district") == ["city"]


def test_people_of_another_region_are_nobody() -> None:
    assert channels(route("other", region="elsewhere")) is None
    assert channels(route("lower", tier="station")) is None


def test_who_wants_only_worse_is_left_in_peace_but_is_somebody() -> None:
    assert channels(route("chat", min_severity="urgent")) == []
    assert channels(route("chat", min_severity="urgent"), severity="critical") == ["chat"]


def test_a_channel_is_told_once_however_many_routes_name_it() -> None:
    assert channels(route("chat", "mail"), route("chat", recipient="b")) == ["chat", "mail"]


@pytest.mark.parametrize(
    ("local_hour", "wait_h"),
    [(21, 0), (22, 9), (23, 8), (0, 7), (6, 1), (7, 0)],
)
def test_quiet_hours_hold_back_what_is_not_critical(local_hour: int, wait_h: int) -> None:
    now = datetime(2026, 11, 21, local_hour, tzinfo=SHANGHAI)
    quiet = route("chat", quiet=NIGHT)
    wait = timedelta(hours=wait_h) or timedelta(seconds=5)
    assert told(quiet, now=now) == [("chat", wait)]
    assert told(quiet, now=now, severity="critical") == [("chat", timedelta(0))]


def test_quiet_hours_within_a_day() -> None:
    lunch = QuietHours(time(12), time(14))
    assert lunch.end_after(NOON, SHANGHAI) == NOON + timedelta(hours=2)
    assert lunch.end_after(NOON - timedelta(minutes=1), SHANGHAI) is None
    assert lunch.end_after(NOON + timedelta(hours=2), SHANGHAI) is None


def test_regions_that_form_a_circle_end() -> None:
    assert ancestors_in(REGIONS)("loop") == ("loop",)
    assert ancestors_in(REGIONS)("songnan") == ("songnan", "qiandeng", "kunshan")
    assert ancestors_in(REGIONS)("unknown") == ("unknown",)

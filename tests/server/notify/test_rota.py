"""Who is on duty, and how people with accounts are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import SHANGHAI, notice, route
from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Role
from warmstation_server.accounts.scope import EVERYWHERE, Node
from warmstation_server.errors import BadConfig
from warmstation_server.hours import Hours
from warmstation_server.notify.assembly import ancestors_in, channels, router
from warmstation_server.notify.config import parse
from warmstation_server.notify.delivery import Address
from warmstation_server.notify.routes import Route, Router
from warmstation_server.notify.senders.smtp import SmtpSender
from warmstation_server.places import Region, Text

REGIONS = {
    one.id: one
    for one in (
        Region("kunshan", Text("昆山"), "city"),
        Region("yushan", Text("玉山区"), "district", "kunshan"),
        Region("qiandeng", Text("千灯"), "street", "yushan"),
        Region("songnan", Text("淞南"), "community", "qiandeng"),
    )
}
MONDAY_NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""12:00 in Shanghai."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL = {
    "type": "smtp",
    "host": "smtp.example",
    "sender": "warm@city.example",
    "to": ["desk@city.example"],
}


def told(routes: Sequence[Route], now: datetime, **changes: Any) -> list[tuple[str, timedelta]]:
    found = Router(routes, ancestors_in(REGIONS), SHANGHAI, timedelta(0)).addresses(
        notice(1, **changes), now
    )
    return [(one.channel, one.due_at - now) for one in found or ()]


def addresses(
    table: dict[str, Any], now: datetime, people: Sequence[Person] = (), **changes: Any
) -> list[Address]:
    config = parse({"channels": {"mail": MAIL}, "group_wait_s": 0} | table, "notify.toml")
    found = router(config, people, REGIONS, SHANGHAI).addresses(notice(1, **changes), now)
    return list(found or ())


def names(*given: Any, **more: Any) -> list[str]:
    return [one.recipient for one in addresses(*given, **more)]


def test_who_is_off_duty_leaves_it_to_the_next_wider_people() -> None:
    weekdays = Hours("Mo-Fr 08:00-18:00; PH off")
    routes = [route("near", region="songnan", duty=weekdays), route("far", region="qiandeng")]
    assert told(routes, MONDAY_NOON) == [("near", timedelta(0))]
    assert told(routes, MONDAY_NOON + 10 * HOUR) == [("far", timedelta(0))]
    assert told(routes, MONDAY_NOON - 2 * DAY) == [("far", timedelta(0))]


def test_holidays_and_makeup_workdays_are_duty_as_they_are_work() -> None:
    routes = [
        route("near", region="songnan", duty=Hours("Mo-Fr 08:00-18:00; PH off")),
        route("far", region="qiandeng"),
    ]
    national_day = datetime(2026, 10, 1, 4, tzinfo=UTC)
    makeup_saturday = datetime(2026, 10, 10, 4, tzinfo=UTC)
    assert told(routes, national_day)[0][0] == "far"
    assert told(routes, makeup_saturday)[0][0] == "near"


def test_where_nobody_is_on_duty_it_waits_for_duty_but_danger_does_not() -> None:
    routes = [route("near", duty=Hours("Mo-Fr 08:00-18:00"))]
    night = MONDAY_NOON + 10 * HOUR
    assert told(routes, night) == [("near", 10 * HOUR)]
    assert told(routes, night, severity="critical") == [("near", timedelta(0))]


def test_two_share_a_week_by_their_hours() -> None:
    routes = [
        route("wang", region="songnan", duty=Hours("Mo-We")),
        route("li", region="songnan", duty=Hours("Th-Su")),
    ]
    days = [told(routes, MONDAY_NOON + n * DAY)[0][0] for n in range(7)]
    assert days == ["wang"] * 3 + ["li"] * 4


ROTA: dict[str, Any] = {
    "people": {
        "wang": {"channels": ["mail"], "name": "王站长", "mail": "wang@city.example"},
        "li": {"channels": ["mail"], "language": "en", "mail": "li@city.example"},
    },
    "routes": [
        {
            "tier": "community",
            "region": "songnan",
            "people": ["wang", "li"],
            "turn": "1w",
            "begins": datetime(2026, 11, 23, 9, 0),  # noqa: DTZ001 - local, as TOML writes it
        }
    ],
}


def test_people_take_turns_and_hand_over_at_the_same_time_of_day() -> None:
    handover = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    assert names(ROTA, MONDAY_NOON) == ["王站长"]
    assert names(ROTA, handover - timedelta(seconds=1)) == ["王站长"]
    assert names(ROTA, handover) == ["li"]
    assert names(ROTA, handover + 7 * DAY) == ["王站长"]
    assert names(ROTA, MONDAY_NOON - 7 * DAY) == ["li"]


def test_a_person_is_mailed_at_their_own_address_in_their_own_language(tmp_path: Path) -> None:
    (wang,) = addresses(ROTA, MONDAY_NOON)
    (li,) = addresses(ROTA, MONDAY_NOON + 7 * DAY)
    assert (wang.channel, wang.language) == ("mail.wang", "zh-CN")
    assert (li.channel, li.language) == ("mail.li", "en")
    config = parse({"channels": {"mail": MAIL}} | ROTA, "notify.toml")
    found = channels(config, tmp_path, {}, FakeClock())
    assert sorted(found) == ["mail", "mail.li", "mail.wang"]
    sender = found["mail.li"].sender
    assert isinstance(sender, SmtpSender)
    assert sender._mailbox.to == ("li@city.example",)


def account(login: str, role: Role, *scope: Node, **more: Any) -> Person:
    return Person(login, f"Person {login}", role, scope, **more)


PEOPLE = {name: {"channels": ["mail"], "mail": f"{name}@x.example"} for name in "abcdef"}


def test_accounts_answer_for_the_places_of_their_scope() -> None:
    people = [
        account("a", Role.MANAGER, Node("station", "ks-1"), language="en"),
        account("b", Role.DISTRICT, Node("region", "songnan")),
        account("c", Role.DISTRICT, Node("region", "qiandeng")),
        account("d", Role.DISTRICT, Node("region", "yushan")),
        account("e", Role.ADMIN, EVERYWHERE),
        account("f", Role.VIEWER, EVERYWHERE),
    ]
    tiers = ("station", "community", "street", "district", "city")
    table = {"people": PEOPLE}
    said = [names(table, MONDAY_NOON, people, tier=tier) for tier in tiers]
    assert said == [[f"Person {one}"] for one in "abcde"]
    assert addresses(table, MONDAY_NOON, people, tier="station")[0].language == "en"
    other = names(table, MONDAY_NOON, people, tier="station", station="ks-2")
    assert other == ["Person b"], "no manager there: the next tier"


def test_a_disabled_account_and_one_without_a_way_to_reach_it_are_nobody() -> None:
    people = [
        account("a", Role.MANAGER, Node("station", "ks-1"), is_active=False),
        account("zhao", Role.DISTRICT, Node("region", "songnan")),
    ]
    assert addresses({"people": PEOPLE}, MONDAY_NOON, people) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"turn": "12h"}, 'routes.0.turn: must be days or weeks such as "1d" or "1w"'),
        ({"people": ["wang", "zhao"]}, r"route 1: there is no \[people.zhao\]"),
        ({"begins": None}, "begins must say when the first of the people took over"),
        ({"duty": "Mo-Fr"}, "recipient, channels, duty and quiet belong to the people"),
        ({"people": None}, "recipient and channels must be given, or people"),
        ({"station": "ks-1"}, "only one of region and station may be given"),
    ],
)
def test_a_mistake_in_a_rota_is_one_sentence(change: dict[str, Any], said: str) -> None:
    table = ROTA | {"routes": [ROTA["routes"][0] | change], "channels": {"mail": MAIL}}
    with pytest.raises(BadConfig, match=said):
        parse(table, "notify.toml")


def test_hours_of_duty_that_cannot_be_read_are_a_mistake() -> None:
    table = {
        "channels": {"mail": MAIL},
        "people": {"a": {"channels": ["mail"], "duty": "weekdays"}},
    }
    with pytest.raises(BadConfig, match=r"people.a.duty: must be hours such as"):
        parse(table, "notify.toml")

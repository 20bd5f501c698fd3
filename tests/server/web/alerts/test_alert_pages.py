"""A manager's alerts, as plain forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.notices import Bot, channel, drain, route, settle
from tests.support.staff import Staff, StaffClient, staff_web, visible
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.weekly import DAYS, NAMES
from warmstation_server.hours import Hours
from warmstation_server.notify.outcome import permanent
from warmstation_server.places import Retired, Text
from warmstation_server.web.alerts.facts import lasting
from warmstation_server.web.words import Words

MINE, THEIRS = "ks-024", "ks-050"


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with staff_web(tmp_path) as made:
        made.add("wang", "manager", f"station:{MINE}", name="王站长")
        made.add("liwei", "manager", f"station:{MINE}", name="李伟")
        made.add("other", "manager", f"station:{THEIRS}")
        yield made


@pytest.fixture
def wang(staff: Staff) -> StaffClient:
    return staff.client("wang")


def word_of(staff: Staff, alert: str) -> str:
    found = staff.parts.registry.alerts.find(alert)
    assert found is not None
    return found.word


def test_the_list_shows_what_waits_at_ones_own_stations_only(
    staff: Staff, wang: StaffClient
) -> None:
    staff.trouble(MINE, advice=Text("检查空开", "Check the breaker"))
    staff.trouble(THEIRS, "heating.frost")
    seen = visible(wang.get("/en/manage").text)
    assert "1 alert waits" in seen
    assert "No heat" in seen
    assert "frost" not in seen


def test_nobody_learns_of_an_alert_elsewhere(staff: Staff, wang: StaffClient) -> None:
    foreign = staff.trouble(THEIRS)
    for path in ("", "/acknowledge", "/assign", "/comment", "/silence", "/resolve"):
        ask = wang.get if not path else wang.send
        hidden, nothing = (ask(f"/manage/alerts/{one}{path}") for one in (foreign, "0" * 20))
        assert hidden.status_code == nothing.status_code == 404
        assert hidden.text.replace(foreign, "0" * 20) == nothing.text
    assert word_of(staff, foreign) == "firing"


def test_one_tap_acknowledges_and_the_list_says_so(staff: Staff, wang: StaffClient) -> None:
    alert = staff.trouble(MINE)
    answer = wang.send(f"/en/manage/alerts/{alert}/acknowledge", {"on_list": "1"})
    assert answer.headers["location"] == "/en/manage?done=acknowledged"
    seen = visible(wang.get(answer.headers["location"]).text)
    assert "Acknowledged." in seen
    assert "1 taken on" in seen
    assert word_of(staff, alert) == "acknowledged"


def test_an_acknowledgement_ends_when_its_giver_said(staff: Staff, wang: StaffClient) -> None:
    alert = staff.trouble(MINE)
    wang.send(f"/manage/alerts/{alert}/acknowledge", {"lasts": "1h", "note": "on my way"})
    staff.clock.advance(minutes=61)
    staff.desk.hear()
    assert word_of(staff, alert) == "firing"


def test_a_silence_needs_a_reason_and_an_end(staff: Staff, wang: StaffClient) -> None:
    alert = staff.trouble(MINE)
    for fields in ({"lasts": "1d"}, {"reason": "part ordered"}, {"lasts": "9y", "reason": "x"}):
        answer = wang.send(f"/en/manage/alerts/{alert}/silence", fields)
        assert (answer.status_code, "Please say why" in answer.text) == (422, True)
        assert fields.get("reason", "") in answer.text
    assert word_of(staff, alert) == "firing"
    wang.send(f"/manage/alerts/{alert}/silence", {"lasts": "1d", "reason": "part ordered"})
    assert word_of(staff, alert) == "silenced"
    seen = visible(wang.get("/en/manage").text)
    assert "1 silenced" in seen
    assert "Silenced by 王站长" in seen
    assert "part ordered" in seen
    wang.send(f"/manage/alerts/{alert}/unsilence")
    staff.clock.advance(seconds=15)  # conditions are decided a little behind
    staff.desk.hear()
    assert word_of(staff, alert) == "firing"


def test_a_silence_that_was_ended_is_gone_from_the_page_at_once(
    staff: Staff, wang: StaffClient
) -> None:
    alert = staff.trouble(MINE)
    wang.send(f"/manage/alerts/{alert}/silence", {"lasts": "1d", "reason": "part ordered"})
    wang.send(f"/manage/alerts/{alert}/unsilence")
    listed, story = (
        visible(wang.get(f"/en/manage{path}").text) for path in ("", f"/alerts/{alert}")
    )
    assert ("1 alert waits" in listed, "1 silenced" in listed) == (True, False)
    assert "End silence" not in story


def test_a_silence_that_outlives_its_alert_is_seen_there_and_can_be_ended(
    staff: Staff, wang: StaffClient
) -> None:
    alert = staff.trouble(MINE)
    wang.send(f"/manage/alerts/{alert}/silence", {"lasts": "1d", "reason": "part ordered"})
    for _ in range(2):
        staff.clock.advance(minutes=20)
        staff.desk.hear(Condition(MINE, "heating.no_heat", False, staff.clock.now()))
    assert word_of(staff, alert) == "resolved"
    page = wang.get(f"/en/manage/alerts/{alert}").text
    assert "also if it comes back before then" in visible(page)
    assert f"/manage/alerts/{alert}/unsilence" in page
    wang.send(f"/manage/alerts/{alert}/unsilence")
    page = wang.get(f"/en/manage/alerts/{alert}").text
    assert "comes back" not in visible(page)
    again = staff.trouble(MINE)
    assert again != alert
    assert word_of(staff, again) == "firing"


def test_the_oldest_silence_comes_first(staff: Staff, wang: StaffClient) -> None:
    first = staff.trouble(MINE, "heating.frost")
    wang.send(f"/manage/alerts/{first}/silence", {"lasts": "7d", "reason": "the older one"})
    staff.clock.advance(hours=3)
    second = staff.trouble(MINE, "safety.smoke")
    wang.send(f"/manage/alerts/{second}/silence", {"lasts": "7d", "reason": "the newer one"})
    page = wang.get("/en/manage").text
    assert 0 < page.index("the older one") < page.index("the newer one")


def test_it_is_assigned_only_to_those_who_look_after_the_station(
    staff: Staff, wang: StaffClient
) -> None:
    alert = staff.trouble(MINE)
    refused = wang.send(f"/manage/alerts/{alert}/assign", {"to": "other"})
    assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    wang.send(f"/manage/alerts/{alert}/assign", {"to": "liwei"})
    found = staff.parts.registry.alerts.find(alert)
    assert found is not None
    assert found.assignee == "liwei"


def test_the_story_tells_what_happened_who_did_what_and_what_was_measured(
    staff: Staff, wang: StaffClient
) -> None:
    alert = staff.trouble(MINE, advice=Text("检查空开", "Check the breaker"))
    wang.send(f"/manage/alerts/{alert}/comment", {"text": "fuse is on order"})
    wang.send(f"/manage/alerts/{alert}/resolve", {"cause": "repaired", "note": "new fuse"})
    page = wang.get(f"/en/manage/alerts/{alert}").text
    seen = visible(page)
    for said in ("Check the breaker", "It fired", "fuse is on order", "王站长", "Resolved"):
        assert said in seen, said
    assert "Repaired: new fuse" in seen
    assert page.count("<tr data-at=") > 20
    assert 'data-v="20.0"' in page
    assert word_of(staff, alert) == "resolved"


def test_the_story_tells_who_was_told_and_what_the_vendor_said(
    staff: Staff, wang: StaffClient
) -> None:
    alert = staff.trouble(MINE)
    assert "Nobody has been told" in visible(wang.get(f"/en/manage/alerts/{alert}").text)
    refusing = Bot(permanent("93000", "invalid webhook url"))
    ways = [channel("chat", refusing), channel("mail", Bot())]
    to = [route("chat", "mail", tier="station", recipient="王站长")]
    settle(drain(staff.parts.registry.notifications, staff.clock, ways, to))
    seen = visible(wang.get(f"/en/manage/alerts/{alert}").text)
    both = r"New / No data, state unknown · 王站长"
    sent = r"[^·]+ · \d+ ms · one of 2 in this message · The vendor said"
    assert re.search(rf"{both} · mail {sent} 0 Delivered", seen)
    assert re.search(rf"{both} · chat {sent} 93000 invalid webhook url Refused", seen)
    assert re.search(r"王站长 · chat [^·]+ Given up", seen)
    staff.add("looks", "viewer", f"station:{MINE}")
    assert "王站长 · mail" not in visible(staff.client("looks").get(f"/manage/alerts/{alert}").text)


def shut_today(staff: Staff) -> str:
    """An alert that the station was not opened at its posted hour; its id."""
    posted = staff.parts.registry.stations()
    place = next(one for one in posted if one.id == MINE)
    hours = Hours(place.hours, place.zone)
    opened = hours.opened_at(staff.clock.now()) or hours.next_change(staff.clock.now())
    assert opened is not None
    staff.clock.moment = opened + timedelta(hours=3)
    return staff.trouble(MINE, "station.not_opened", since=opened)


def hours_of(staff: Staff) -> str:
    return next(one.hours for one in staff.parts.registry.stations() if one.id == MINE)


def test_hours_that_are_wrong_are_corrected_from_the_alert_and_taken_back_there(
    staff: Staff, wang: StaffClient
) -> None:
    before, alert = hours_of(staff), shut_today(staff)
    weekday = staff.clock.now().astimezone(ZoneInfo("Asia/Shanghai")).weekday()
    day = DAYS[weekday]
    page = wang.get(f"/en/manage/alerts/{alert}").text
    assert f"Shut on {NAMES[weekday].en} from now on" in visible(page)
    answer = wang.send(f"/en/manage/alerts/{alert}/hours", {"was": before})
    assert answer.headers["location"] == f"/en/manage/alerts/{alert}?done=posted"
    assert hours_of(staff) == f"{before}; {day} off"
    line = next(iter(staff.parts.registry.audit.newest()))
    assert (line.by, line.action, line.subject) == ("wang", "station.changed", MINE)
    assert (line.before, line.after) == ({"hours": before}, {"hours": f"{before}; {day} off"})
    seen = visible(wang.get(f"/en/manage/alerts/{alert}?done=posted").text)
    assert "The posted hours are corrected." in seen
    assert "from now on" not in seen, "what is shown is a tick old"
    current = staff.parts.current
    posted = {one.id: one for one in staff.parts.registry.stations()}
    current.swap(replace(current.get(), stations=posted))
    seen = visible(wang.get(f"/en/manage/alerts/{alert}").text)
    assert f"Open on {NAMES[weekday].en} again" in seen
    wang.send(f"/manage/alerts/{alert}/hours", {"was": hours_of(staff)})
    assert hours_of(staff) == before


def test_hours_that_somebody_changed_meanwhile_are_looked_at_again(
    staff: Staff, wang: StaffClient
) -> None:
    before, alert = hours_of(staff), shut_today(staff)
    answer = wang.send(f"/en/manage/alerts/{alert}/hours", {"was": "Mo 09:00-10:00"})
    assert answer.status_code == 422
    assert "changed just now" in visible(answer.text)
    assert hours_of(staff) == before


def test_who_may_not_say_what_is_promised_and_other_troubles_offer_no_hours(
    staff: Staff, wang: StaffClient
) -> None:
    alert = shut_today(staff)
    staff.add("looks", "viewer", f"station:{MINE}")
    looks = staff.client("looks")
    assert "Posted hours" not in visible(looks.get(f"/en/manage/alerts/{alert}").text)
    before = hours_of(staff)
    assert looks.send(f"/manage/alerts/{alert}/hours", {"was": before}).status_code == 403
    other = staff.trouble(MINE)
    assert "Posted hours" not in visible(wang.get(f"/en/manage/alerts/{other}").text)
    assert wang.send(f"/manage/alerts/{other}/hours", {"was": before}).status_code == 422
    assert hours_of(staff) == before


@pytest.mark.parametrize(
    ("name", "subject", "to"),
    [
        ("heating.no_heat", "", f"/en/manage/stations/{MINE}#hand"),
        ("supplies.empty", "noodles", f"/en/manage/supplies/{MINE}/noodles"),
        ("supplies.sensor", "", f"/en/manage/supplies/{MINE}"),
    ],
)
def test_the_next_step_is_beside_the_trouble(
    staff: Staff, wang: StaffClient, name: str, subject: str, to: str
) -> None:
    alert = staff.trouble(MINE, name, subject=subject)
    head = wang.get(f"/en/manage/alerts/{alert}").text.partition("</section>")[0]
    assert re.findall(r'<a class="button" href="([^"]+)"', head) == ["#comment", "#resolve", to]
    staff.add("gast", "viewer", f"station:{MINE}")
    head = staff.client("gast").get(f"/en/manage/alerts/{alert}").text.partition("</section>")[0]
    assert '<a class="button"' not in head


def test_a_trouble_of_this_minute_has_not_lasted_nought() -> None:
    begun = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
    said = [lasting(begun, begun + timedelta(seconds=s), Words("en")) for s in (0, 59, 60, 3600)]
    assert said == ["for less than a minute"] * 2 + ["for 1 min", "for 1 h 0 min"]


def test_other_as_a_cause_must_say_what(staff: Staff, wang: StaffClient) -> None:
    alert = staff.trouble(MINE)
    answer = wang.send(f"/manage/alerts/{alert}/resolve", {"cause": "other"})
    assert (answer.status_code, 'value="other" selected' in answer.text) == (422, True)
    assert word_of(staff, alert) == "firing"


def test_what_people_do_is_in_the_audit_log(staff: Staff, wang: StaffClient) -> None:
    alert = staff.trouble(MINE)
    wang.send(f"/manage/alerts/{alert}/acknowledge")
    line = next(staff.parts.registry.audit.newest())
    assert (line.by, line.action, line.subject) == ("wang", "alert.acknowledged", alert)
    assert (line.before["state"], line.after["state"]) == ("firing", "acknowledged")


def test_a_history_that_is_away_is_said(staff: Staff, wang: StaffClient) -> None:
    alert = staff.trouble(MINE)
    staff.parts.history.is_away = True  # type: ignore[attr-defined]
    answer = wang.get(f"/en/manage/alerts/{alert}")
    assert (answer.status_code, "cannot be read" in answer.text) == (200, True)


def test_a_viewer_is_offered_nothing_to_do(staff: Staff) -> None:
    staff.add("guest", "viewer", f"station:{MINE}")
    alert = staff.trouble(MINE)
    guest = staff.client("guest")
    assert "/acknowledge" not in guest.get("/manage").text
    assert "/acknowledge" not in guest.get(f"/manage/alerts/{alert}").text


def test_a_program_reads_the_alerts_of_its_token(staff: Staff, wang: StaffClient) -> None:
    staff.trouble(MINE)
    staff.trouble(THEIRS, "heating.frost")
    fields = {"name": "panel", "right": "alerts.read", "days": "30"}
    page = wang.send("/me/tokens", fields).text
    key = page.partition('<code class="key">')[2].partition("<")[0]
    answer = staff.client().get("/api/v1/alerts", headers={"authorization": f"Bearer {key}"})
    assert [(one["station_id"], one["state"]) for one in answer.json()["alerts"]] == [
        (MINE, "firing")
    ]
    assert staff.client().get("/api/v1/alerts").status_code == 401
    assert wang.get("/api/v1/alerts").status_code == 401


def test_the_story_of_a_station_that_was_retired_since_is_read_and_offers_no_hours(
    staff: Staff, wang: StaffClient
) -> None:
    before, alert = hours_of(staff), shut_today(staff)
    current = staff.parts.current
    was = current.get()
    gone = Retired(was.stations[MINE], staff.clock.now(), "租约到期")
    left = {name: one for name, one in was.stations.items() if name != MINE}
    current.swap(replace(was, stations=left, retired={MINE: gone}))
    answer = wang.get(f"/en/manage/alerts/{alert}")
    assert answer.status_code == 200
    assert "Posted hours" not in visible(answer.text)
    assert wang.send(f"/manage/alerts/{alert}/hours", {"was": before}).status_code == 422
    assert hours_of(staff) == before

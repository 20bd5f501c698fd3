"""The pages of figures without a browser: dates that were written, stations side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.district_city import WEEK, district_web
from tests.support.figures import ListedLedger
from tests.support.staff import Staff, StaffClient
from tests.support.web import SetClock
from warmstation_server.supplies.entry import Entry
from warmstation_server.web.district.charts import curve


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with district_web(tmp_path_factory.mktemp("district")) as made:
        made.add("li", "manager", "station:ks-000")
        yield made


def dates(html: str) -> list[str]:
    return re.findall(r'type="date" value="([\d-]+)"', html)


def chosen(html: str) -> str:
    (name,) = re.findall(r'<option value="(\w+)" selected', html.partition('id="period"')[2])[:1]
    return str(name)


def test_dates_that_were_written_count_also_where_the_range_still_has_its_name(
    staff: Staff,
) -> None:
    client = staff.client("wang")
    shown = re.findall(r'name="shown" value="([^"]+)"', client.get("/district").text)[0]
    name, first, last = shown.split()
    moved = {"period": name, "first": "2026-11-16", "last": "2026-11-17", "shown": shown}
    html = client.get("/district", params=moved).text
    assert (chosen(html), dates(html)) == ("own", ["2026-11-16", "2026-11-17"])
    other = {"period": "7d", "first": first, "last": last, "shown": shown}
    html = client.get("/district", params=other).text
    assert chosen(html) == "7d"
    assert dates(html) != [first, last]
    same = {"period": name, "first": first, "last": last, "shown": shown}
    assert chosen(client.get("/district", params=same).text) == name


def test_a_range_has_a_link_that_means_the_same_days_tomorrow(staff: Staff) -> None:
    html = staff.client("wang").get("/en/district?period=7d").text
    (link,) = re.findall(r'class="link" href="([^"]+)"', html)
    first, last = dates(html)
    assert f"period=own&amp;first={first}&amp;last={last}" in link


def test_a_month_may_be_asked_for_by_its_number(staff: Staff) -> None:
    html = staff.client("wang").get("/district?period=2026-10").text
    assert (chosen(html), dates(html)) == ("own", ["2026-10-01", "2026-10-31"])


def test_the_other_language_shows_the_same_days(staff: Staff) -> None:
    html = staff.client("wang").get("/en/district?period=own&first=2026-11-01").text
    assert 'href="/district?period=own&amp;first=2026-11-01" hreflang' in html


def test_a_day_that_is_not_over_is_no_fall_of_the_curve(staff: Staff) -> None:
    client = staff.client("wang")
    over = client.get(f"/en/district?{WEEK}").text
    assert 'class="curve part"' not in over
    assert "so far" not in over
    clock = staff.parts.clock
    assert isinstance(clock, SetClock)
    now, clock.moment = clock.moment, datetime(2026, 11, 18, 7, tzinfo=UTC)
    try:
        during = client.get(f"/en/district?{WEEK}").text
        evidence = client.get(f"/en/district/stations/ks-000?{WEEK}").text
    finally:
        clock.moment = now
    assert during.count('class="curve part"') == 1
    assert "Dotted: today, so far" in during
    assert during.count("<small>so far</small>") == 1
    assert evidence.count('class="curve part"') == 1
    assert re.search(r"Wed 18 Nov</a> <small>so far</small>", evidence)


def test_ends_that_are_not_whole_are_dotted_and_the_line_between_them_is_whole() -> None:
    drawn = curve([4.0, 9.0, 8.0, 9.0, 2.0], ["Jul", "Aug", "Sep", "Oct", "Nov"], 10.0, {0, 4})
    (line,) = drawn.paths
    assert line.count("L") == 2
    assert [step.split("L")[0 if n else 1] for n, step in enumerate(drawn.dotted)] == [
        line.split("L")[0].removeprefix("M"),
        f"M{line.split('L')[-1]}",
    ]
    alone = curve([None, 3.0], ["Oct", "Nov"], 10.0, {1})
    assert (alone.paths, alone.dotted, len(alone.dots)) == ((), (), 1)


@pytest.mark.parametrize("what", ["region", "host", "trend", "rank"])
def test_what_is_not_known_is_said_and_not_passed_over(staff: Staff, what: str) -> None:
    client = staff.client("wang")
    name = "<b>mars</b>" + "x" * 500
    for path, words in (("/district", "没有"), ("/en/district", "there is no ")):
        html = client.get(path, params={what: name, "period": "7d"}).text
        (said,) = re.findall(r'id="wrong">.*?</span> (.*?)</p>', html)
        assert words in said.replace("There", "there")
        assert "&lt;b&gt;mars" in said
        assert len(said) < 250
    assert 'id="wrong"' not in client.get("/en/district?period=7d").text


def test_two_things_that_are_not_known_are_one_message(staff: Staff) -> None:
    html = staff.client("wang").get("/en/district?region=mars&first=x&period=own").text
    (said,) = re.findall(r'id="wrong">.*?</span> (.*?)</p>', html)
    assert "“mars”" in said
    assert "two days in order" in said


def test_a_region_of_others_is_as_unknown_as_one_that_is_not_there(staff: Staff) -> None:
    client = staff.client("li")
    said = []
    for name in ("ks-songnan", "ks-nowhere"):
        html = client.get("/en/district", params={"region": name}).text
        said += [one.replace(name, "") for one in re.findall(r'id="wrong">(.*?)</p>', html)]
    assert said[0] == said[1]


@pytest.mark.parametrize("what", ["region", "host"])
def test_nothing_is_exported_or_answered_in_place_of_what_is_not_there(
    staff: Staff, what: str
) -> None:
    client = staff.client("wang")
    form = {"period": "7d", "form": "csv", what: "mars"}
    assert client.send("/district/exports", form).status_code == 422
    headers = bearer(staff, client)
    for named, status in (("mars", 422), ("", 200)):
        asked = {"period": "7d", what: named}
        answer = staff.client().get("/api/v1/usage", params=asked, headers=headers)
        assert answer.status_code == status


def test_while_the_ledger_is_added_up_the_rest_is_answered_and_that_is_said(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 16, 4, tzinfo=UTC)
    line = Entry("ks-000", "water", "restock", 1, at, "li")
    assert staff.parts.district is not None
    monkeypatch.setattr(staff.parts.district.supplies, "_ledger", ListedLedger([line] * 3_000))
    client = staff.client("wang")
    html = client.get(f"/en/district?{WEEK}").text
    assert "is being added up" in html
    assert re.findall(r'data-metric="visits">([^<]+)<', html) != ["?"]
    answer = client.get(f"/api/v1/usage?{WEEK}", headers=bearer(staff, client)).json()
    assert answer["supplies_counted"] is False
    assert answer["total"]["figures"]["used"]["value"] is None
    assert answer["total"]["figures"]["visits"]["value"] > 0


def bearer(staff: Staff, client: StaffClient) -> dict[str, str]:
    page = client.send("/me/tokens", {"name": "panel", "right": "usage.read", "days": "30"}).text
    key = page.partition('<code class="key">')[2].partition("<")[0]
    return {"authorization": f"Bearer {key}"}


def test_two_stations_stand_in_one_chart_with_a_table_behind(staff: Staff) -> None:
    html = staff.client("wang").get(f"/en/district/stations/ks-000?{WEEK}&with=ks-050").text
    part = html.partition('id="beside"')[2].partition("</section>")[0]
    assert 'class="curve second"' in part
    heads = re.findall(r'<th scope="col">([^<]+)</th>', part)
    assert len(heads) == 3
    rows = re.findall(r"<tr><th scope=\"row\">.*?</th><td>(.*?)</td><td>(.*?)</td></tr>", part)
    assert len(rows) == 3
    assert rows[-1][1] == "?"  # the other was first heard on the second day
    assert all(mine != "?" for mine, _ in rows)


def test_a_station_of_others_cannot_be_put_beside_ones_own(staff: Staff) -> None:
    html = staff.client("li").get(f"/en/district/stations/ks-000?{WEEK}&with=ks-050").text
    assert 'class="curve second"' not in html
    assert "is none of yours" in html
    assert "ks-050" not in html.replace("with=ks-050", "")

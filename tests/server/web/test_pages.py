from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.support.client import Client
from tests.support.snapshots import NOW, city, later
from tests.support.web import web


@pytest.fixture(scope="module")
def client() -> Client:
    """Asks an application that stays as it is."""
    return Client(web().app)


def cards(html: str) -> list[str]:
    return re.findall(r'<li class="card".*?</li>\n', html, re.DOTALL)


def test_the_first_page_shows_24_and_says_how_many_there_are(client: Client) -> None:
    html = client.get("/").text
    assert html.count('<li class="card"') == 24
    assert "符合条件 100 个站点，显示前 24 个" in html


def test_english_has_an_address_of_its_own(client: Client) -> None:
    page = client.get("/en/")
    assert '<html lang="en"' in page.text
    assert page.headers["content-language"] == "en"
    assert "100 stations fit" in page.text
    assert client.get("/", headers={"accept-language": "en"}).headers["content-language"] == "zh-CN"


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        ("/?lang=en", "/en/"),
        ("/?lang=en-GB&seat=1", "/en/?seat=1"),
        ("/en/stations/ks-001?lang=zh", "/stations/ks-001"),
        ("/stations/ks-001?lang=en", "/en/stations/ks-001"),
    ],
)
def test_a_language_asked_for_by_query_leads_to_its_address(
    client: Client, asked: str, to: str
) -> None:
    answered = client.get(asked)
    assert (answered.status_code, answered.headers["location"]) == (302, to)


def test_more_are_shown_on_request(client: Client) -> None:
    html = client.get("/").text
    assert 'href="/?show=48"' in html
    assert client.get("/?show=48").text.count('<li class="card"') == 48
    assert client.get("/?show=all").text.count('<li class="card"') == 100


def test_filters_are_links_that_keep_one_another(client: Client) -> None:
    html = client.get("/?seat=1&street=ks-yushan").text
    assert 'href="/?open=1&amp;seat=1&amp;street=ks-yushan"' in html
    assert re.search(r'href="/\?street=ks-yushan" aria-current="true"', html)
    assert '<input type="hidden" name="seat" value="1">' in html
    assert '<option value="ks-yushan" selected>' in html


def test_what_was_typed_is_found_and_kept_by_filters_and_form(client: Client) -> None:
    html = client.get("/?q=%E6%B7%9E%E5%8D%97%E8%B7%AF36").text
    assert re.findall(r'href="/stations/(ks-\d+)"', html) == ["ks-004"]
    assert 'value="淞南路36"' in html
    assert 'href="/?q=%E6%B7%9E%E5%8D%97%E8%B7%AF36&amp;open=1"' in html


def test_a_name_that_filters_hide_is_one_link_away(client: Client) -> None:
    hidden = client.get("/en/?q=warm+station+41&ebike=1&street=ks-zhangpu").text
    assert "No station fits" in hidden
    assert '<a href="/en/?q=warm+station+41">Without filters, 1 station fits' in hidden
    nowhere = client.get("/en/?q=atlantis&seat=1").text
    assert "has “atlantis” in it" in nowhere
    assert "Without filters" not in nowhere


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/?q=ks-0&seat=1&street=ks-yushan", "/en/?q=ks-0&amp;seat=1&amp;street=ks-yushan"),
        ("/en/?open=1", "/?open=1"),
        ("/stations/ks-001/report?sent=1", "/en/stations/ks-001/report?sent=1"),
        ("/stations/ks-001/report", "/en/stations/ks-001/report"),
        ("/en/board/ks?theme=dark&at=31.4,121", "/board/ks?at=31.4000,121.0000&amp;theme=dark"),
    ],
)
def test_the_other_language_shows_the_same_view(client: Client, here: str, there: str) -> None:
    assert f'href="{there}" hreflang' in client.get(here).text


def test_only_stations_that_are_known_to_fit_are_shown(client: Client) -> None:
    html = client.get("/?open=1&show=all").text
    assert "未知</span></div>" not in html
    assert "已关闭" not in html


def test_unknown_looks_unknown_and_absent_looks_absent(client: Client) -> None:
    html = client.get("/stations/ks-003").text
    assert '<b class="unsure" aria-hidden="true">?</b><span class="sr">未知</span>' in html
    assert "从未收到数据" in html
    phoneless = client.get("/stations/ks-004").text
    assert '<b class="none" aria-hidden="true">–</b><span class="sr">没有</span>' in phoneless


def test_every_card_tells_the_age_of_its_data(client: Client) -> None:
    for card in cards(client.get("/?show=all").text):
        assert "data-age" in card or "从未收到数据" in card


def test_simulated_data_is_labelled_on_every_card(client: Client) -> None:
    html = client.get("/?show=all").text
    assert html.count('<span class="tag">模拟</span>') == 100
    assert "演示：站点和数据均为模拟" in html
    assert "模拟数据" in client.get("/stations/ks-001").text


def test_real_stations_are_not_called_simulated() -> None:
    snapshot = city(3)
    real = {key: replace(it, is_simulated=False) for key, it in snapshot.stations.items()}
    html = Client(web(replace(snapshot, stations=real)).app).get("/").text
    assert "模拟" not in html


def test_ages_grow_while_nothing_is_heard() -> None:
    site = web()
    client = Client(site.app)
    assert "分钟前</time></span></p>" not in client.get("/").text
    site.clock.advance(minutes=3)
    html = client.get("/").text
    assert "3 分钟前</time></span></p>" in html
    assert 'class="updated late"' in html


def test_a_page_is_the_same_bytes_until_something_changes() -> None:
    site = web()
    client = Client(site.app)
    tag = client.get("/").headers["etag"]
    assert client.get("/", headers={"if-none-match": tag}).status_code == 304
    site.publish(later(city(99), minutes=0))
    assert client.get("/", headers={"if-none-match": tag}).status_code == 200


def test_queries_that_mean_the_same_share_a_page(client: Client) -> None:
    first = client.get("/?open=1&seat=1&utm_source=x").headers["etag"]
    assert client.get("/?seat=1&show=3&open=1").headers["etag"] == first


@pytest.mark.parametrize(
    "query",
    [
        "near=999,1",
        "near=nan,nan",
        "near=1e999,2",
        "near=" + "9" * 5000,
        "show=-5",
        "show=²",
        "street=../etc",
        "a=%ff",
        "&".join(f"x{n}=1" for n in range(200)),
    ],
)
def test_nonsense_in_the_query_is_left_out(client: Client, query: str) -> None:
    answered = client.get(f"/?{query}")
    assert answered.status_code == 200
    assert answered.text.count('<li class="card"') == 24


def test_near_is_coarse_and_nearest_first(client: Client) -> None:
    exact = client.get("/?near=31.388123456,120.981234567")
    coarse = client.get("/?near=31.39,120.98")
    assert exact.headers["etag"] == coarse.headers["etag"]
    assert "31.388123" not in exact.text
    places = re.findall(r'data-lat="([\d.]+)" data-lon="([\d.]+)"', coarse.text)
    ways = [(float(lat) - 31.39) ** 2 + ((float(lon) - 120.98) * 0.854) ** 2 for lat, lon in places]
    assert ways == sorted(ways)


def test_the_station_page_says_why_it_is_said_to_be_open(client: Client) -> None:
    assert "传感器测到有人进出或在站内" in client.get("/stations/ks-001").text
    assert "仅按公示时间判断" in client.get("/stations/ks-000").text
    assert "传感器几个小时没测到人" in client.get("/stations/ks-006").text
    assert "手动标为暂停开放" in client.get("/stations/ks-008").text
    assert "失去联系" in client.get("/stations/ks-005").text
    assert "公示时间之外" in client.get("/stations/ks-012").text


def test_heating_supplies_and_faults_are_told_in_words(client: Client) -> None:
    html = client.get("/en/stations/ks-007").text
    assert '<span class="word bad">Fault</span>' in html
    assert "Not working" in html
    shelf = client.get("/en/stations/ks-024").text
    assert "given by 昆山市红十字会" in shelf
    assert "25% left" in shelf


def test_usual_busy_hours_are_a_chart_with_a_table_behind(client: Client) -> None:
    html = client.get("/stations/ks-012").text
    assert html.count('class="bar-hour"') + html.count('class="bar-now"') == 24
    assert html.count('<th scope="row">') >= 24
    assert html.count('class="bar-now"') == 1
    assert "还没有足够的数据" in client.get("/stations/ks-003").text


def test_an_hour_never_measured_has_a_question_mark_and_no_bar(client: Client) -> None:
    html = client.get("/stations/ks-005").text
    assert html.count('class="bar-hour"') + html.count('class="bar-now"') == 18
    assert html.count('class="gap"') == 6


@pytest.mark.parametrize("path", ["/", "/en/", "/stations/ks-001", "/stations/ks-001/report"])
def test_pages_keep_to_themselves(client: Client, path: str) -> None:
    page = client.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in page.headers
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", page.text)
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page.text)
    assert all(address.startswith("/") for address in loaded)


def test_what_stations_are_called_cannot_become_markup() -> None:
    snapshot = city(1)
    name = replace(snapshot.stations["ks-000"].name, zh="<script>alert(1)</script>", en=None)
    stations = {"ks-000": replace(snapshot.stations["ks-000"], name=name)}
    html = Client(web(replace(snapshot, stations=stations)).app).get("/").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


@pytest.mark.parametrize(
    "path", ["/nowhere", "/stations/ks-999", "/en/stations/ks-999", "/static/x"]
)
def test_a_page_that_is_not_there_is_told_in_style(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert ("There is no such page" if path.startswith("/en") else "没有这个页面") in page.text


def test_assets_may_be_kept_for_ever_and_the_worker_may_not(client: Client) -> None:
    style = re.search(r'href="(/static/\w+/style\.css)"', client.get("/").text)
    assert style is not None
    assert "immutable" in client.get(style[1]).headers["cache-control"]
    assert client.get("/sw.js").headers["cache-control"] == "no-cache"


def test_an_empty_city_has_a_page_too() -> None:
    page = Client(web(replace(city(0), at=NOW)).app).get("/")
    assert page.status_code == 200
    assert "没有符合条件的站点" in page.text
    assert "从未收到数据" in page.text


def test_a_chinese_name_on_an_english_page_says_that_it_is_chinese(client: Client) -> None:
    assert '<h1 lang="zh-CN">' in client.get("/en/stations/ks-001").text
    assert "<h1>Warm Station 1</h1>" in client.get("/en/stations/ks-000").text
    assert "<h1>" in client.get("/stations/ks-001").text

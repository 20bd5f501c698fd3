from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import Opener, Served
from tests.support.daytime import Daytime
from tests.support.ports import free_port
from tests.support.snapshots import city
from tests.support.web import served, web

pytestmark = pytest.mark.browser

WALL = "/board/ks?at=31.385,120.98"
TABLET = {"width": 1280, "height": 800}
DAY_S = 86_400

A_WORLD_OF_ITS_OWN = """
(() => {
  // Stands for the clock and the network: time passes when it is told to, and every answer is the
  // first page again; every ninth is an error, every 27th never comes.
  const RealDate = Date;
  let now = RealDate.now(), ring, asked = 0, page;
  const waiting = [];
  window.Date = class extends RealDate {
    constructor(...given) { super(...(given.length ? given : [now])); }
    static now() { return now; }
  };
  window.setInterval = (work, ms) => { ring = {work, ms}; return 1; };
  window.pass = (ms) => {
    for (const end = now + ms; now + ring.ms <= end;) {
      now += ring.ms;
      waiting.splice(0).forEach((answer) => answer());
      ring.work();
    }
    return asked;
  };
  window.XMLHttpRequest = class {
    open() { this.readyState = 1; }
    setRequestHeader() {}
    getResponseHeader() { return new Date().toUTCString(); }
    abort() { this.end(0, ''); }
    send() {
      asked += 1;
      page ??= '<!doctype html>' + document.documentElement.outerHTML;
      const isGood = asked % 9 !== 0;
      if (asked % 27) waiting.push(() => this.end(isGood ? 200 : 0, isGood ? page : ''));
    }
    end(status, text) {
      Object.assign(this, {readyState: 4, status, responseText: text});
      this.onreadystatechange();
    }
  };
})();
"""


@pytest.fixture
def hamlet() -> Iterator[str]:
    """A served region of three stations: two sheets."""
    port, clock = free_port(), Daytime()
    with served(web(city(3, now=clock.now()), clock, port).app, port, clock) as address:
        yield address


def opened(open_page: Opener, address: str, path: str, **profile: Any) -> tuple[Page, list[str]]:
    """A page whose clock stands under the test's hand, and what went wrong in it."""
    page = open_page(None, viewport=TABLET, **profile)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.clock.install(time=Daytime().now())
    page.goto(address + path)
    return page, wrong


def answered(page: Page) -> None:
    """The display has asked again and has its answer: meanwhile its clock stands still."""
    with page.expect_response("**/board/**"):
        for _ in range(8):
            try:
                with page.expect_request("**/board/**", timeout=700):
                    page.clock.run_for(5_000)
            except Error:  # no question within this tick
                continue
            return


def test_a_wall_says_what_somebody_in_front_of_it_wants(open_page: Opener) -> None:
    """Where is room, warmth, a charger, hot water near here, and how long is the walk."""
    page = open_page("/en" + WALL, viewport=TABLET)
    wants = page.locator(".wants li").all_inner_texts()
    assert [one.split("\n")[0].split("  ")[0] for one in wants] == [
        *("A seat", "Warmth", "Phone charging", "E-bike charging", "Hot water")
    ]
    for one in wants:
        assert re.search(r"(min walk|right here)", one), one
    first = page.locator(".sheet:not([hidden]) .card").first
    assert re.search(r"\d+\s*Seats", first.inner_text())
    assert page.locator("h1").evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 26


def test_a_wall_is_whole_on_every_screen_that_hangs_somewhere(open_page: Opener) -> None:
    """Nobody scrolls there: what is below the edge is not seen."""
    page = open_page("/en" + WALL)
    for width, height in ((1920, 1080), (1366, 768), (1280, 720), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator("main").evaluate("(e) => e.getBoundingClientRect().bottom") <= height


def test_a_door_says_everything_about_its_station_and_where_else_to_go(open_page: Opener) -> None:
    page = open_page("/en/board/ks-024", viewport=TABLET)
    assert re.fullmatch(r"● Open.*until (tomorrow )?\d\d:\d\d", page.inner_text(".state").strip())
    for figure in page.locator(".three-figures dd > b").all():
        assert figure.inner_text().isdigit()
        assert figure.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 80
    figures = page.inner_text(".three-figures")
    for said in ("Free seats", "Free phone sockets", "E-bike", "°C", "Hot water"):
        assert said in figures, said
    assert page.locator(".next li").count() >= 1
    expect(page.locator("svg.qr")).to_be_visible()
    page.goto(page.url.replace("ks-024", "ks-001"))  # full
    assert "Full" in page.inner_text(".state")
    expect(page.locator(".next.needed h2")).to_contain_text("No room here now")
    expect(page.locator(".next li").first).to_contain_text("free")


@pytest.mark.parametrize(
    ("theme", "paper"), [("dark", "rgb(15, 22, 28)"), ("light", "rgb(244, 246, 245)")]
)
def test_a_display_is_as_dark_as_it_is_told(open_page: Opener, theme: str, paper: str) -> None:
    other = {"dark": "light", "light": "dark"}[theme]
    page = open_page(f"/board/ks?theme={theme}", color_scheme=other, viewport=TABLET)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


@pytest.mark.parametrize(
    ("path", "offline", "minutes", "back"),
    [
        (WALL, "网络中断", "分钟前", "秒前"),
        ("/en" + WALL, "No network", "min ago", "s ago"),
        ("/en/board/ks-024", "No network", "min ago", "s ago"),
    ],
)
def test_ten_minutes_without_a_network_are_told_and_survived(
    open_page: Opener, address: str, path: str, offline: str, minutes: str, back: str
) -> None:
    page, wrong = opened(open_page, address, path)
    values = page.locator("#live [data-live]").all_inner_texts()
    expect(page.locator("#offline")).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(25_000)
    expect(page.locator("#offline")).to_contain_text(offline)
    page.clock.run_for(10 * 60_000)
    expect(page.locator("#age time")).to_contain_text(minutes)
    assert int(page.locator("#age time").inner_text().split()[0]) >= 10
    expect(page.locator("#age")).to_have_class("updated late")
    assert page.locator("#live [data-live]").all_inner_texts() == values
    page.context.set_offline(False)
    answered(page)
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("#age time")).to_contain_text(back)
    assert wrong == []


def test_after_a_quarter_of_an_hour_without_a_network_nothing_is_claimed(
    open_page: Opener, address: str
) -> None:
    page, wrong = opened(open_page, address, "/en" + WALL)
    page.context.set_offline(True)
    page.clock.run_for(17 * 60_000)
    assert {*page.locator("#live [data-live]").all_text_contents()} == {"?"}
    shown = page.locator(".sheet:not([hidden]) .badge").all_inner_texts()
    assert {*shown} == {"? Unknown"}
    expect(page.locator(".wants")).to_be_hidden()  # no way to go, and no "no trouble"
    expect(page.locator(".troubles")).to_be_hidden()
    page.context.set_offline(False)
    answered(page)
    expect(page.locator(".tile b").first).not_to_have_text("?")
    expect(page.locator(".troubles")).to_be_visible()
    assert wrong == []


def test_sheets_turn_and_can_be_held(open_page: Opener, address: str) -> None:
    page, wrong = opened(open_page, address, WALL)
    front = page.locator(".sheet:not([hidden]) h3")
    first = front.all_inner_texts()
    page.clock.run_for(16_000)
    second = front.all_inner_texts()
    assert second != first
    page.focus("#pause")
    page.keyboard.press("Enter")
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")
    page.clock.run_for(60_000)
    assert front.all_inner_texts() == second
    page.keyboard.press("Enter")
    page.clock.run_for(16_000)
    assert front.all_inner_texts() != second
    assert wrong == []


def test_what_changes_comes_up_without_touching_the_display(
    open_page: Opener, city_web: Served
) -> None:
    page, _ = opened(open_page, city_web.address, "/en/board/ks-031")
    before = city_web.web.current.get()
    status = before.statuses["ks-031"].model_copy(update={"num_seats_available": 3})
    news = {**before.statuses, "ks-031": status}
    city_web.web.publish(replace(before, statuses=news, version=before.version + 1))
    try:
        answered(page)
        expect(page.locator(".three-figures b").first).to_have_text("3")
    finally:
        city_web.web.publish(replace(before, version=before.version + 2))


def test_somebody_elses_answer_is_no_news(open_page: Opener, address: str) -> None:
    page, wrong = opened(open_page, address, WALL)
    page.route("**/board/**", lambda route: route.fulfill(body="<h1>Log in to the network</h1>"))
    page.clock.run_for(25_000)
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(5)
    assert wrong == []


@pytest.mark.parametrize("days", [1, pytest.param(7, marks=pytest.mark.slow)])
def test_days_go_by_without_an_error_and_nothing_grows(
    open_page: Opener, hamlet: str, days: int
) -> None:
    page = open_page(None, viewport=TABLET)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.add_init_script(A_WORLD_OF_ITS_OWN)
    page.goto(hamlet + "/board/ks")
    meter = page.context.new_cdp_session(page)
    page.evaluate("pass", days * DAY_S * 1000 // 7)
    first = measured(meter)
    for _ in range(6):
        asked = page.evaluate("pass", days * DAY_S * 1000 // 7)
    last = measured(meter)
    assert asked > days * DAY_S / 20 * 0.95
    assert last["Nodes"] <= first["Nodes"] * 1.05 + 50
    assert last["JSEventListeners"] <= first["JSEventListeners"]
    assert last["JSHeapUsedSize"] <= first["JSHeapUsedSize"] * 1.1 + 200_000
    assert wrong == []


def measured(meter: Any) -> dict[str, float]:
    """The browser's own figures, with everything collected that can be."""
    meter.send("Performance.enable")
    for _ in range(2):
        meter.send("HeapProfiler.collectGarbage")
    return {one["name"]: one["value"] for one in meter.send("Performance.getMetrics")["metrics"]}

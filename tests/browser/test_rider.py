from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Served
from tests.support.snapshots import later

pytestmark = pytest.mark.browser

HERE = {"latitude": 31.3912345, "longitude": 120.9812345}
PERMITTED: dict[str, Any] = {"geolocation": HERE, "permissions": ["geolocation"]}


def wait_for_the_worker(page: Page) -> None:
    """Until the service worker runs, answers for this page and has kept it.

    The asking again is the page's own: what is awaited is asked for once only.
    """
    page.wait_for_function(
        """async () => {
            const {active} = await navigator.serviceWorker.ready;
            const isReady = async () => active.state === 'activated'
                && navigator.serviceWorker.controller
                && await caches.match(location.href, {ignoreVary: true});
            while (!await isReady()) await new Promise((later) => setTimeout(later, 20));
            return true;
        }"""
    )


def test_the_first_view_is_small(open_page: Opener, address: str) -> None:
    page = open_page(None)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    requests: list[str] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.on("Network.requestWillBeSent", lambda event: requests.append(event["request"]["url"]))
    page.goto(address + "/", wait_until="networkidle")
    assert all(url.startswith(address) for url in requests)
    assert len(requests) <= 8, requests
    assert sum(sizes) <= 40 * 1024


def test_the_console_stays_silent(open_page: Opener, address: str) -> None:
    page = open_page(None)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("/", "/en/", "/stations/ks-012", "/stations/ks-012/report"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
    assert said == []


def test_without_javascript_everything_that_matters_works(
    open_page: Opener, city_web: Served
) -> None:
    page = open_page("/", java_script_enabled=False)
    expect(page.locator(".cards .card")).to_have_count(24)
    expect(page.locator("#near")).to_be_hidden()
    page.click("text=有空座")
    assert page.url.endswith("/?seat=1")
    page.select_option("#street", label="玉山镇")
    page.click("form.street button")
    assert "street=ks-yushan" in page.url
    assert "seat=1" in page.url
    page.fill("#q", "萧林中路")
    page.click("form.street button")
    assert "street=ks-yushan" in page.url
    expect(page.locator(".empty a >> nth=0")).to_contain_text("个站点")
    page.click(".empty a >> nth=0")
    expect(page.locator(".cards .card h2 a >> nth=0")).to_contain_text("萧林中路")
    page.click(".cards .card h2 a >> nth=0")
    assert "/stations/ks-" in page.url
    page.click("text=报告问题")
    page.fill("#text", "门口的灯不亮")
    page.click("button[value=broken]")
    expect(page.locator(".thanks")).to_contain_text("收到，谢谢")
    assert city_web.web.reports.reports[-1][1:3] == ("broken", "门口的灯不亮")


def test_a_problem_is_reported_with_two_taps(open_page: Opener, city_web: Served) -> None:
    page = open_page("/en/stations/ks-020")
    page.click("text=Report a problem")
    page.click("text=Door locked")
    expect(page.locator(".thanks")).to_be_visible()
    assert city_web.web.reports.reports[-1] == ("ks-020", "locked", "", "en")


def test_the_last_known_state_can_be_read_offline(open_page: Opener) -> None:
    page = open_page("/")
    wait_for_the_worker(page)
    names = page.locator(".cards h2").all_inner_texts()
    page.context.set_offline(True)
    page.reload()
    assert page.locator(".cards h2").all_inner_texts() == names
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text("没有网络")
    expect(page.locator("#offline")).to_contain_text("前")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 246, 245)"


def test_a_station_seen_before_is_there_offline_and_others_give_the_list(
    open_page: Opener, address: str
) -> None:
    page = open_page("/")
    wait_for_the_worker(page)
    page.goto(f"{address}/stations/ks-012")
    wait_for_the_worker(page)
    page.context.set_offline(True)
    page.goto(f"{address}/stations/ks-012")
    expect(page.locator("h1")).to_contain_text("92号")
    page.goto(f"{address}/stations/ks-013")
    expect(page.locator(".cards .card")).to_have_count(24)
    expect(page.locator("#offline")).to_be_visible()


def test_without_a_network_the_list_seen_last_is_searched_and_says_so(
    open_page: Opener,
) -> None:
    page = open_page("/")
    wait_for_the_worker(page)
    shown = page.locator(".cards .card h2").all_inner_texts()
    wanted = shown[5]
    page.context.set_offline(True)
    page.fill("#q", wanted)
    page.click("form.street button")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator(".cards .card:visible h2")).to_have_text([wanted])
    expect(page.locator(".count")).to_contain_text("上次看到的 24 个站点")
    expect(page.locator("#q")).to_have_value(wanted)
    page.context.set_offline(False)
    expect(page.locator(".count")).to_have_text("符合条件 1 个站点", timeout=30_000)


@pytest.mark.parametrize("asked", ["ks-031", "huaqiao", "花桥镇"])
def test_without_a_network_street_and_id_are_searched_as_well(
    open_page: Opener, asked: str
) -> None:
    page = open_page("/?show=120")
    wait_for_the_worker(page)
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    page.fill("#q", asked)
    page.click("form.street button")
    expect(page.locator("#q")).to_have_value(asked)
    found = page.locator(".cards .card:visible")
    expect(found.first).to_be_visible()
    assert found.count() < page.locator(".cards .card").count()
    texts = found.evaluate_all("cards => cards.map(card => card.dataset.find)")
    assert all(asked in text for text in texts)


def test_a_page_that_breaks_off_leaves_the_one_before_it(
    open_page: Opener, city_web: Served
) -> None:
    page = open_page("/")
    wait_for_the_worker(page)
    city_web.line.breaks_off = True
    try:
        came = page.evaluate(
            """async () => {
                const response = await fetch(location.href);
                const text = await response.text();
                return [response.headers.has('x-kept'), text.includes('id="live"')];
            }"""
        )
    finally:
        city_web.line.breaks_off = False
    assert came == [True, True]


def test_the_age_in_the_banner_counts_up_with_all_others(open_page: Opener) -> None:
    page = open_page("/")
    page.context.set_offline(True)
    age = page.locator("#offline time")
    first = age.inner_text()
    page.wait_for_function(
        """first => {
            const said = (id) => document.querySelector(`${id} time`).textContent;
            return said('#offline') !== first && said('#offline') === said('#age');
        }""",
        arg=first,
    )
    assert age.get_attribute("aria-live") == "off"


def test_the_banner_goes_when_the_network_comes_back(open_page: Opener) -> None:
    page = open_page("/")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()


def test_a_phone_that_wakes_up_fetches_what_is_new(open_page: Opener, city_web: Served) -> None:
    page = open_page("/stations/ks-030")
    before = city_web.web.current.get()
    status = before.statuses["ks-030"].model_copy(update={"num_seats_available": 1})
    city_web.web.publish(
        later(replace(before, statuses={**before.statuses, "ks-030": status}), minutes=0)
    )
    try:
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".now .figures b").first).to_have_text("1")
    finally:
        city_web.web.publish(replace(before, version=before.version + 2))


def test_ages_count_up_by_themselves(open_page: Opener) -> None:
    page = open_page("/")
    first = page.locator("#age time").inner_text()
    expect(page.locator("#age time")).not_to_have_text(first)


def test_nearest_first_with_exact_distances_and_a_coarse_question(open_page: Opener) -> None:
    page = open_page("/", **PERMITTED)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("#near")
    page.wait_for_selector("#radar svg")
    expect(page.locator("#near")).to_have_attribute("aria-pressed", "true")
    near = [url for url in asked if "near=" in url]
    assert near
    assert all(url.endswith("near=31.39%2C120.98") for url in near)
    assert "31.391" not in "".join(asked)
    texts = page.locator(".distance").all_inner_texts()
    metres = [float(t.split()[0]) * (1000 if t.endswith("km") else 1) for t in texts]
    assert len(metres) == 24
    assert metres == sorted(metres)
    assert page.locator("#radar a").count() == 24
    page.click("#near")
    expect(page.locator("#radar")).to_be_hidden()
    expect(page.locator(".distance:visible")).to_have_count(0)


def test_a_refused_position_is_told_and_leaves_the_list(open_page: Opener) -> None:
    page = open_page("/")
    page.click("#near")
    expect(page.locator("#near-message")).to_contain_text("没有定位权限")
    expect(page.locator(".cards .card")).to_have_count(24)


def test_a_list_around_a_position_is_not_kept_on_the_phone(open_page: Opener) -> None:
    page = open_page("/", **PERMITTED)
    wait_for_the_worker(page)
    page.reload()
    page.click("#near")
    page.wait_for_selector("#radar svg")
    kept = page.evaluate("caches.open('pages').then(c => c.keys()).then(k => k.map(r => r.url))")
    assert kept
    assert not [url for url in kept if "near" in url]


def test_choosing_a_street_needs_no_second_tap_with_javascript(open_page: Opener) -> None:
    page = open_page("/en/")
    page.select_option("#street", label="Huaqiao")
    page.wait_for_url(re.compile("street=ks-huaqiao"))
    expect(page.locator(".count")).to_contain_text("25 stations fit")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_phones_colours(open_page: Opener, scheme: str) -> None:
    page = open_page("/", color_scheme=scheme)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == {"light": "rgb(244, 246, 245)", "dark": "rgb(15, 22, 28)"}[scheme]

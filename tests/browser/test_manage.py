"""A manager's pages in a browser: plain forms, folded ones, the curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import looking
from tests.support.daytime import Daytime
from tests.support.looked_at import violations
from tests.support.manage_town import manage_town
from tests.support.managed import Managed
from tests.support.ports import free_port
from tests.support.web import served

pytestmark = pytest.mark.browser
STATION = "/manage/stations/ks-songnan"
WATER = "/manage/supplies/ks-songnan/water"
Opener = Callable[..., Page]


class Town:
    """The town, where it is served, and its manager's cookie."""

    def __init__(self, managed: Managed, address: str, cookie: str) -> None:
        self.managed, self.address, self.cookie = managed, address, cookie


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    port = free_port()
    folder: Path = tmp_path_factory.mktemp("town")
    with (
        manage_town(folder, f"http://127.0.0.1:{port}") as (managed, cookie),
        served(managed.app, port, Daytime()) as address,
    ):
        yield Town(managed, address, cookie)


@pytest.fixture
def as_manager(browser: Browser, town: Town) -> Iterator[Opener]:
    with ExitStack() as profiles:

        def opened(path: str, **profile: Any) -> Page:
            context = profiles.enter_context(looking(browser, **profile))
            cookie: Any = {"name": "warmstation", "value": town.cookie, "url": town.address}
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(town.address + path)
            return page

        yield opened


def test_axe_finds_nothing_in_forms_that_were_folded(as_manager: Opener) -> None:
    page = as_manager(
        "/en/manage/supplies/ks-songnan/noodles", viewport={"width": 320, "height": 640}
    )
    page.click("summary")
    assert violations(page) == []


@pytest.mark.parametrize("with_scripts", [False, True], ids=["plain", "htmx"])
def test_a_restock_from_the_code_on_the_shelf_clears_the_empty_water_alert(
    as_manager: Opener, town: Town, with_scripts: bool
) -> None:
    town.managed.report(60, supplies=[{"item": "water", "level": 0.0}])
    assert town.managed.holds("supplies.empty") == "firing"
    page = as_manager(WATER, java_script_enabled=with_scripts)  # the first tap: the code opens it
    page.click("button[name=quantity] >> text=+24")  # the second: how many came
    expect(page.get_by_text("补货已登记")).to_be_visible()
    town.managed.report(15, supplies=[{"item": "water", "level": 0.95}])
    assert town.managed.holds("supplies.empty") is None
    newest = town.managed.registry.supplies.entries(["ks-songnan"], "water")[-1]
    assert (newest.kind, newest.quantity, newest.by) == ("restock", 24, "li")


def test_without_scripts_the_station_is_closed_by_hand(as_manager: Opener, town: Town) -> None:
    page = as_manager("/manage/stations/ks-songnan", java_script_enabled=False)
    page.fill("#reason", "水管维修")
    page.click("button[value=closed]")
    expect(page.locator("#hand")).to_contain_text("水管维修")
    town.managed.tick()
    status = town.managed.current.get().statuses["ks-songnan"]
    assert (status.is_open, status.open_basis) == (False, "manual")


def test_without_scripts_every_form_of_a_station_works(as_manager: Opener, town: Town) -> None:
    page = as_manager("/manage/stations/ks-songnan/work", java_script_enabled=False)
    page.fill("#note", "清洗滤网")
    page.click("button >> text=安排")
    expect(page.get_by_text("清洗滤网")).to_be_visible()
    page.click("nav.tabs >> text=人次")
    page.fill("#visits", "41")
    page.click("button >> text=登记")
    expect(page.locator("tbody tr").first).to_contain_text("77")  # 36 were there
    page.click("nav.tabs >> text=骑手反映")
    page.locator("details[open] button[value=dismiss]").first.click()
    expect(page.get_by_text("已忽略")).to_be_visible()
    page.click("nav.tabs >> text=物资")
    page.click("text=泡面")
    page.click("summary")
    page.fill("#n-count", "17")
    page.click("button[value=count]")
    expect(page.get_by_text("盘点已登记")).to_be_visible()


@pytest.mark.parametrize("with_scripts", [False, True], ids=["plain", "htmx"])
def test_a_refused_restock_keeps_what_was_typed(as_manager: Opener, with_scripts: bool) -> None:
    page = as_manager(WATER, java_script_enabled=with_scripts)
    page.fill("#donor", "工会")
    page.click("button >> text=登记这个数量")  # no quantity: the browser itself sees nothing wrong
    expect(page.get_by_role("alert")).to_contain_text("请填 1 到 100000 的数量")
    expect(page.locator("#donor")).to_have_value("工会")
    expect(page.locator("#other")).to_have_attribute("aria-invalid", "true")


def test_the_curve_is_drawn_from_the_table_that_says_the_same(
    as_manager: Opener, town: Town
) -> None:
    page = as_manager("/manage/stations/ks-songnan")
    expect(page.locator(".plot .uplot")).to_have_count(3)
    page.click("#curves summary")
    rows = page.locator("table[data-curve] tbody tr")
    expect(rows.first).to_be_visible()
    assert rows.count() >= 95
    page.click("#curves nav >> text=7 天")
    expect(page.locator(".plot .uplot")).to_have_count(3)


def test_a_report_is_answered_in_place(as_manager: Opener, town: Town) -> None:
    page = as_manager("/manage/stations/ks-songnan/reports")
    waiting = page.locator("details[open] textarea")
    before = waiting.count()
    waiting.first.fill("马上去看")
    page.locator("details[open] button[value=answer]").first.click()
    expect(page.locator("details[open] textarea")).to_have_count(before - 1)
    expect(page.locator("#reports")).to_contain_text("马上去看")


def test_what_is_dragged_over_becomes_an_address_that_can_be_sent_on(as_manager: Opener) -> None:
    page = as_manager(f"{STATION}/past", viewport={"width": 1280, "height": 800})
    page.mouse.move(0, 0)
    over = page.locator(".plot[data-plot=warmth] .u-over")
    over.scroll_into_view_if_needed()
    place = over.bounding_box()
    assert place is not None
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + place["width"] * 0.73, middle)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] * 0.98, middle, steps=4)
    page.mouse.up()
    page.wait_for_url("**/past?from=*")
    asked = parse_qs(urlsplit(page.url).query)
    start, end = (datetime.fromisoformat(asked[name][0]) for name in ("from", "to"))
    assert timedelta(hours=5) < end - start < timedelta(hours=7)  # a quarter of a day
    expect(page.locator("#from")).to_have_value(asked["from"][0])
    expect(page.locator(".plot[data-plot=warmth] canvas")).to_be_visible()
    page.go_back()
    expect(page.locator("#from")).not_to_have_value(asked["from"][0])


def test_without_scripts_the_past_is_walked_by_links_and_a_form(as_manager: Opener) -> None:
    page = as_manager(f"/en{STATION}/past", java_script_enabled=False)
    before = page.locator("#from").input_value()
    page.click("text=Earlier")
    assert page.locator("#from").input_value() < before
    page.click("text=Closer")
    page.click("text=Beside the week before")
    page.fill("#from", before)
    page.click("text=Show")
    expect(page.locator("[aria-current=true]", has_text="Beside the week before")).to_be_visible()
    assert page.locator("#from").input_value() == before
    expect(page.locator(".strokes")).to_be_hidden()

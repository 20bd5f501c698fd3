"""A month's figures from the page to a workbook, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import looking
from tests.support.daytime import Daytime
from tests.support.district_city import WEEK, district_web
from tests.support.ports import free_port
from tests.support.staff import Staff
from tests.support.web import served
from warmstation_server.usage.metric import METRICS
from warmstation_server.usage.recorded import RECORDED
from warmstation_server.usage.written import written_value
from warmstation_server.web.words import Words

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with district_web(tmp_path_factory.mktemp("district")) as made:
        yield made


@pytest.fixture(scope="module")
def address(staff: Staff) -> Iterator[str]:
    with served(staff.app, free_port(), Daytime()) as found:
        yield found


@contextmanager
def signed_in(browser: Browser, staff: Staff, address: str, **profile: Any) -> Iterator[Page]:
    with looking(browser, viewport={"width": 1280, "height": 800}, **profile) as context:
        key = staff.client("wang").cookies["warmstation"]
        context.add_cookies([{"name": "warmstation", "value": key, "url": address}])
        yield context.new_page()


def test_an_export_has_the_totals_of_the_page_and_needs_no_script(
    browser: Browser, staff: Staff, address: str, tmp_path: Path
) -> None:
    with signed_in(browser, staff, address, java_script_enabled=False) as page:
        page.goto(f"{address}/district")
        page.select_option("#period", "own")
        page.fill("#first", "2026-11-16")
        page.fill("#last", "2026-11-18")
        page.click(".ask button")
        shown = page.inner_text("[data-metric=visits]")
        rows = page.locator("main > section.card").last.locator("tbody tr")
        told = {
            row.locator("th").inner_text(): row.locator("td").first.inner_text()
            for row in rows.all()
        }
        page.click("button[value=xlsx]")
        page.wait_for_url("**/district/exports")
        assert staff.parts.exports is not None
        staff.parts.exports.turn()
        page.click("a.button >> text=刷新")
        with page.expect_download() as taking:
            page.click("#jobs a.button")
        path = tmp_path / "figures.xlsx"
        taking.value.save_as(path)
        book: Any = openpyxl.load_workbook(path)
        summary = {row[0]: row[2] for row in book["总览"].iter_rows(min_row=2, values_only=True)}
        assert int(re.sub(r"\D", "", shown)) == summary["服务人次"] > 100
        words = Words("zh-CN")
        exported = {
            name: written_value(summary[name], metric, words)
            for metric in (*METRICS, *RECORDED)
            if (name := words(f"metric.{metric.key}"))
        }
        assert exported == told


def test_a_broken_promise_leads_to_the_hours_it_came_from(
    browser: Browser, staff: Staff, address: str
) -> None:
    with signed_in(browser, staff, address) as page:
        page.goto(f"{address}/district?{WEEK}")
        page.click("#broken a[href*='ks-001']")
        page.click("th a:has-text('11月17日')")
        expect(page.locator("#hours .badge.bad").nth(11)).to_be_visible()


def test_a_chart_is_read_out_point_by_point_by_keys_and_by_touch(
    browser: Browser, staff: Staff, address: str
) -> None:
    with signed_in(browser, staff, address, has_touch=True) as page:
        page.goto(f"{address}/district?{WEEK}")
        trend = page.locator("svg.trend + .read")
        rows = page.locator("section:has(svg.trend) tbody tr")
        newest, before = (rows.nth(n).locator("td").last.inner_text() for n in (-1, -2))
        slider, said = trend.get_by_role("slider"), trend.locator("output")
        assert newest.split(" ")[0] in said.inner_text()
        slider.press("ArrowLeft")
        assert said.inner_text().endswith(before)
        assert slider.get_attribute("aria-valuetext") == said.inner_text()
        heat = page.locator("svg.heat").first
        square = heat.locator("rect").nth(24 + 12)  # Tuesday noon
        square.scroll_into_view_if_needed()
        place = square.bounding_box()
        assert place is not None
        page.touchscreen.tap(place["x"] + 5, place["y"] + 5)
        told = page.locator("svg.heat + .read output").first
        assert told.inner_text() == square.locator("title").text_content()
        page.locator("svg.heat + .read input").first.press("ArrowDown")  # the same hour next day
        next_day = heat.locator("rect").nth(48 + 12).locator("title").text_content()
        assert told.inner_text() == next_day
        slider.press("Home")
        assert said.inner_text().endswith(rows.first.locator("td").last.inner_text())


def test_without_a_script_a_chart_promises_no_slider(
    browser: Browser, staff: Staff, address: str
) -> None:
    with signed_in(browser, staff, address, java_script_enabled=False) as page:
        page.goto(f"{address}/district?{WEEK}")
        expect(page.locator("svg.trend")).to_be_visible()
        expect(page.locator(".read")).to_have_count(0)

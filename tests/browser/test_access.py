from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser

PLACES = {
    "list": "/",
    "none": "/?ebike=1&food=1&phone=1&seat=1&water=1&street=ks-huaqiao",
    "open": "/stations/ks-024",
    "late": "/stations/ks-002",
    "never": "/stations/ks-003",
    "busy": "/stations/ks-012",
    "report": "/stations/ks-024/report",
    "thanks": "/stations/ks-024/report?sent=1",
    "missing": "/stations/ks-999",
}


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing(open_page: Opener, place: str, language: str, scheme: str) -> None:
    page = open_page(language + PLACES[place], color_scheme=scheme)
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_form_that_was_refused(open_page: Opener, scheme: str) -> None:
    page = open_page("/stations/ks-024/report", color_scheme=scheme)
    page.click("button[value=other]")
    page.wait_for_selector("[role=alert]")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_the_radar_and_the_banner(open_page: Opener, scheme: str) -> None:
    page = open_page(
        "/",
        color_scheme=scheme,
        geolocation={"latitude": 31.385, "longitude": 120.98},
        permissions=["geolocation"],
    )
    page.click("#near")
    page.wait_for_selector("#radar svg")
    page.context.set_offline(True)
    page.wait_for_selector("#offline:not([hidden])")
    assert violations(page) == []


@pytest.mark.parametrize("place", ["list", "busy", "never", "report"])
@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_scrolls_sideways_on_the_narrowest_phone(
    open_page: Opener, place: str, language: str
) -> None:
    page = open_page(language + PLACES[place], viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("place", ["list", "busy", "report"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    open_page: Opener, place: str
) -> None:
    page = open_page(PLACES[place])
    seen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return [e.tagName, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
            )
        )
    reached = [one for one in seen if one[0] != "BODY"]
    assert len(reached) >= 8
    assert all(style == "solid" and width >= 3 for _, style, width in reached)


def test_the_first_tab_leads_past_the_header(open_page: Opener) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("place", ["list", "open", "never", "report", "missing"])
def test_targets_are_large_enough_for_gloves(open_page: Opener, place: str) -> None:
    page = open_page(PLACES[place])
    small = page.evaluate(
        """[...document.querySelectorAll('a:not(.skip),button,select,textarea,summary')]
        .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
        .filter(([, b]) => b.height > 0 && b.height < 43.5).map(([text, b]) => text + b.height)"""
    )
    assert [one for one in small if one] == []

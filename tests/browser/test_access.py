"""What a rider does to a page, for everybody; how pages are is in `test_every_page`."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener
from tests.support.looked_at import violations

pytestmark = pytest.mark.browser

PLACES = {
    "list": "/",
    "open": "/stations/ks-024",
    "never": "/stations/ks-003",
    "busy": "/stations/ks-012",
    "report": "/stations/ks-024/report",
    "missing": "/stations/ks-999",
}


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

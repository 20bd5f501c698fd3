"""Every page on the narrowest phone, at 200 % and without a mouse."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.support.every_page import PUBLIC, staff_pages, translated
from tests.support.staff import Staff, staff_web
from tests.support.web import free_port, served, web
from warmstation_server.accounts.role import Role

pytestmark = pytest.mark.browser

NARROWEST, HALF_A_DESK = 320, 640
"""CSS pixels: of a small phone, and of a screen of 1,280 at 200 %."""
MOST_STOPS = 20

SEEN = """
(() => {
  const e = document.activeElement, s = getComputedStyle(e);
  // A date has parts of its own, and the browser shows which of them it is at.
  const isDate = /^(date|datetime-local|month|time|week)$/.test(e.type);
  const isSeen = isDate || s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
  return [e.tagName, isSeen, e.outerHTML.slice(0, 100)];
})()
"""
TOO_WIDE = """
(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return [];
  const scrolls = (e) => e && e !== document.body
    && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  return [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .map((e) => e.outerHTML.slice(0, 80)).slice(0, 3);
})()
"""


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with staff_web(tmp_path_factory.mktemp("pages"), translated()) as made:
        made.add("chief", Role.ADMIN, "*")
        yield made


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def troubles(page: Page, address: str, path: str) -> list[str]:
    """What is wrong with one page."""
    found = []
    for width in (NARROWEST, HALF_A_DESK):
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(address + path)
        found += [f"{path} at {width}: {wide}" for wide in page.evaluate(TOO_WIDE)]
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        tag, is_shown, html = page.evaluate(SEEN)
        if tag == "BODY":
            break
        stops.append(html)
        if not is_shown:
            found.append(f"{path}: the keyboard is at {html} and one cannot see it")
    if len({*stops}) == 1 and page.locator("a:visible,button:visible,input:visible").count() > 1:
        found.append(f"{path}: the keyboard cannot leave {stops[:1]}")
    if not stops:
        found.append(f"{path}: the keyboard reaches nothing")
    return found


def _is_page(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize("language", ["", "/en"])
def test_every_public_page_fits_and_needs_no_mouse(page: Page, language: str) -> None:
    port = free_port()
    with served(web(translated(), port=port).app, port) as address:
        found = [
            one for path in PUBLIC.values() for one in troubles(page, address, language + path)
        ]
    assert not found, "\n".join(found)


def test_every_staff_page_fits_and_needs_no_mouse(page: Page, staff: Staff) -> None:
    """In English, whose words are the longer ones."""
    chief, port = staff.client("chief"), free_port()
    with served(staff.app, port) as address:
        cookie = {"name": "warmstation", "value": chief.cookies["warmstation"], "url": address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # its own TypedDict
        found = [
            one
            for path in staff_pages(staff)
            if _is_page(chief.get(path))
            for one in troubles(page, address, f"/en{path}")
        ]
    assert not found, "\n".join(found)

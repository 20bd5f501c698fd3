"""A manager looks after alerts on a phone, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.chromium import looking
from tests.support.daytime import Daytime
from tests.support.ports import free_port
from tests.support.staff import PASSWORD, Staff, staff_web
from tests.support.web import SetClock, served
from warmstation_server.places import Text

pytestmark = pytest.mark.browser
MINE = "ks-024"
ADVICE = Text("检查空开和电表", "Check breaker and meter")

Opener = Callable[..., Page]


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with staff_web(tmp_path, clock=SetClock(Daytime().now())) as made:
        made.add("wang", "admin", "*", name="王站长")
        yield made


@pytest.fixture
def address(staff: Staff) -> Iterator[str]:
    with served(staff.app, free_port(), Daytime()) as where:
        yield where


@pytest.fixture
def opened(browser: Browser, staff: Staff, address: str) -> Iterator[Opener]:
    """Opens a path on a phone, signed in: `opened("/manage", java_script_enabled=False)`."""
    with ExitStack() as profiles:

        def open_it(path: str, **profile: Any) -> Page:
            context = profiles.enter_context(looking(browser, **profile))
            key = staff.client("wang").cookies["warmstation"]
            context.add_cookies([{"name": "warmstation", "value": key, "url": address}])
            page = context.new_page()
            page.goto(address + path)
            return page

        yield open_it


@pytest.mark.parametrize("script", [True, False], ids=["with", "without"])
def test_a_manager_acknowledges_on_a_phone(staff: Staff, opened: Opener, script: bool) -> None:
    alert = staff.trouble(MINE, advice=ADVICE)
    page = opened("/en/manage", java_script_enabled=script)
    page.get_by_role("button", name="Acknowledge: No heat").click()
    expect(page.get_by_role("status").filter(has_text="Acknowledged.")).to_be_visible()
    expect(page.get_by_role("heading", name="1 taken on")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = staff.parts.registry.alerts.find(alert)
    assert found is not None
    assert (found.word, found.acknowledged and found.acknowledged.by) == ("acknowledged", "wang")


@pytest.mark.parametrize("script", [True, False], ids=["with", "without"])
def test_a_manager_silences_with_a_reason_and_resolves_with_a_cause(
    staff: Staff, opened: Opener, script: bool
) -> None:
    alert = staff.trouble(MINE, advice=ADVICE)
    page = opened(f"/en/manage/alerts/{alert}", java_script_enabled=script)
    page.get_by_label("Why").fill("part is on order")
    page.locator("#silence button").click()
    expect(page.locator(".timeline").get_by_text("part is on order")).to_be_visible()
    page.locator("#resolve select").select_option("repaired")
    page.locator("#resolve button").click()
    expect(page.locator(".timeline").get_by_text("Repaired")).to_be_visible()


def test_a_new_alert_appears_by_itself(staff: Staff, opened: Opener) -> None:
    page = opened("/en/manage")
    expect(page.locator("#stream .how")).to_have_text("Live")
    expect(page.get_by_text("No alert waits", exact=True)).to_be_visible()
    staff.trouble(MINE)
    expect(page.get_by_role("link", name="No heat", exact=True)).to_be_visible()


def test_with_the_stream_cut_the_page_asks_by_itself(staff: Staff, opened: Opener) -> None:
    page = opened("/en/manage")
    page.clock.install(time=Daytime().now())
    calls = 0

    def cut(route: Route) -> None:
        nonlocal calls
        calls += 1
        told = "retry: 100\n\nevent: alerts\ndata: as-it-was\n\n"
        if calls == 1:
            route.fulfill(content_type="text/event-stream", body=told)
        else:
            route.abort()

    page.route("**/manage/live", cut)
    page.reload()
    expect(page.locator("#stream .how")).to_have_text("Every 20 s")
    staff.trouble(MINE)
    expect(page.get_by_text("No alert waits", exact=True)).to_be_visible()
    page.clock.fast_forward(20_000)
    expect(page.get_by_role("link", name="No heat", exact=True)).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with", "without"])
def test_what_was_typed_outlives_the_session(staff: Staff, opened: Opener, script: bool) -> None:
    alert = staff.trouble(MINE)
    page = opened(f"/en/manage/alerts/{alert}", java_script_enabled=script)
    page.get_by_label("Why").fill("part is on order")
    page.locator("#hush-lasts").select_option("3d")
    staff.parts.registry.sessions.end("wang")
    page.locator("#silence button").click()
    page.get_by_label("User name").fill("wang")
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".timeline")).to_be_visible()  # the same alert, not the list
    if not script:
        return
    expect(page.get_by_label("Why")).to_have_value("part is on order")
    expect(page.locator("#hush-lasts")).to_have_value("3d")
    page.locator("#silence button").click()
    expect(page.locator(".timeline").get_by_text("part is on order")).to_be_visible()
    expect(page.get_by_label("Why")).to_have_value("")


def test_signing_in_by_hand_leads_to_the_alerts(
    browser: Browser, staff: Staff, address: str
) -> None:
    with looking(browser) as context:
        page = context.new_page()
        page.goto(f"{address}/en/manage")
        page.get_by_label("User name").fill("wang")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()

"""Pictures of the staff's own pages: the door, the account, people, the log, and alerts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from playwright.sync_api import Browser, Page

from tests.support.staff import Staff, staff_web
from tests.support.web import SetClock, free_port, served
from warmstation_server.clock import SystemClock
from warmstation_server.places import Text

SIZES = ((390, 844), (1280, 800))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = {
    "login": "/login?next=/manage",
    "me": "/me",
    "people": "/people",
    "people-new": "/people/new",
    "person": "/people/wang",
    "audit": "/audit",
    "quiet": "/manage",
    "no-right": "/people",
    "nowhere": "/manage/alerts/none",
}
"""By a name for the picture; who looks is told by `_looks`."""
HERE, THERE, FURTHER = "ks-024", "ks-012", "ks-007"
NO_HEAT = Text(
    "取暖器不通电：检查空开、插头和电表。",
    "The heater draws nothing: check breaker, plug and meter.",
)


def take(browser: Browser, folder: Path) -> None:
    """Both languages, both colours, a phone and a desk."""
    with (
        TemporaryDirectory() as scratch,
        staff_web(Path(scratch), clock=SetClock(SystemClock().now())) as staff,
    ):
        places = {**PAGES, **_lived_in(staff)}
        with served(staff.app, free_port()) as address:
            for name, page in _pages(browser, staff, address, places):
                page.screenshot(path=folder / f"staff-{name}.png", full_page=True)


def _lived_in(staff: Staff) -> dict[str, str]:
    """People, and alerts in every state; the pages of alerts."""
    staff.add("chief", "admin", "*", name="管理员")
    staff.add("wang", "manager", f"station:{HERE}", f"station:{THERE}", name="王站长")
    staff.add("li", "district", "region:ks", name="李科长")
    staff.add("zhao", "manager", "station:ks-050", name="赵站长")
    shelf = {"level": 0.0, "fell_at_once": "no"}
    told = {"link": "power", "power_w": 0.0, "usual_power_w": 1480.0, "mode": "heat"}
    staff.trouble(FURTHER, "supplies.empty", subject="water", evidence=shelf)
    hushed = staff.trouble(THERE, "chargers.inoperative", subject="p3")
    taken = staff.trouble(THERE, "supplies.low", subject="noodles", evidence={"level": 0.12})
    waits = staff.trouble(HERE, evidence=told, advice=NO_HEAT)
    client = staff.client("chief")
    client.send(f"/manage/alerts/{taken}/acknowledge", {"note": "下午送货"})
    client.send(f"/manage/alerts/{hushed}/silence", {"lasts": "3d", "reason": "配件在路上"})
    client.send(f"/manage/alerts/{waits}/assign", {"to": "wang"})
    client.send(f"/manage/alerts/{waits}/comment", {"text": "电工 20 分钟后到"})
    return {
        "alerts": "/manage",
        "alert": f"/manage/alerts/{waits}",
        "alert-silenced": f"/manage/alerts/{hushed}",
        "alert-refused": f"/manage/alerts/{waits}?done=why",
    }


def _looks(name: str) -> str | None:
    """Who looks at a page."""
    return {"login": None, "quiet": "zhao", "no-right": "zhao"}.get(name, "chief")


def _pages(
    browser: Browser, staff: Staff, address: str, places: dict[str, str]
) -> Iterator[tuple[str, Page]]:
    keys = {who: staff.client(who).cookies["warmstation"] for who in ("chief", "zhao")}
    for width, height in SIZES:
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            for prefix, language in (("", "zh"), ("/en", "en")):
                for name, path in places.items():
                    context.clear_cookies()
                    if who := _looks(name):
                        key: Any = {"name": "warmstation", "value": keys[who], "url": address}
                        context.add_cookies([key])
                    page.goto(f"{address}{prefix}{path}")
                    yield f"{name}-{language}-{scheme}-{width}", page
            context.close()

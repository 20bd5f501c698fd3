"""Pictures of every page: `python -m tests.browser.shots DIR`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.browser import shots_district, shots_manage, shots_staff
from tests.support.chromium import chromium
from tests.support.snapshots import city
from tests.support.web import free_port, served, web
from warmstation_server.clock import SystemClock

SIZES = ((390, 844), (1280, 800))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = {
    "list": "/",
    "filtered": "/?open=1&seat=1&street=ks-qiandeng",
    "nothing": "/?ebike=1&food=1&water=1&street=ks-zhangpu",
    "station": "/stations/ks-024",
    "station-fault": "/stations/ks-007",
    "station-late": "/stations/ks-002",
    "station-never": "/stations/ks-003",
    "report": "/stations/ks-024/report",
    "thanks": "/stations/ks-024/report?sent=1",
    "missing": "/stations/ks-nowhere",
    "wall": "/board/ks?at=31.385,120.98",
    "areas": "/board/ks",
    "door": "/board/ks-024",
    "door-full": "/board/ks-001",
    "reference": "/docs/mqtt",
}
HERE = {"latitude": 31.3853, "longitude": 120.9812}


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    port, clock = free_port(), SystemClock()
    app = web(city(now=clock.now()), clock, port).app
    with served(app, port) as address, chromium() as browser:
        for name, page in _pages(browser, address):
            page.screenshot(path=folder / f"{name}.png", full_page=page.url.endswith("#full"))
            page.context.close()
        shots_staff.take(browser, folder)
        shots_manage.take(browser, folder)
        shots_district.take(browser, folder)


def _pages(browser: Browser, address: str) -> Iterator[tuple[str, Page]]:
    for width, height in SIZES:
        for scheme in SCHEMES:
            for prefix, language in (("", "zh"), ("/en", "en")):
                for name, path in PAGES.items():
                    page = _page(browser, width, height, scheme)
                    whole = "#full" if name.startswith(("station", "report")) else ""
                    page.goto(f"{address}{prefix}{path}{whole}")
                    yield f"{name}-{language}-{scheme}-{width}", page
                page = _page(browser, width, height, scheme)
                page.goto(f"{address}{prefix}/")
                page.click("#near")
                page.wait_for_selector("#radar svg")
                yield f"near-{language}-{scheme}-{width}", page


def _page(browser: Browser, width: int, height: int, scheme: Literal["light", "dark"]) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if width < 800 else 1,
        color_scheme=scheme,
        geolocation={"latitude": HERE["latitude"], "longitude": HERE["longitude"]},
        permissions=["geolocation"],
    )
    return context.new_page()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("shots"))

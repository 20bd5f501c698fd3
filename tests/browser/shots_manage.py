"""Pictures of every manager's page, for `shots`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from playwright.sync_api import Browser, Page

from tests.support.manage_town import PAGES, checkin, manage_town
from tests.support.web import free_port, served

SIZES = ((390, 844), (1280, 800))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def take(browser: Browser, folder: Path) -> None:
    """Both languages, both colours, a phone and a desk."""
    port = free_port()
    with (
        TemporaryDirectory() as scratch,
        manage_town(Path(scratch), f"http://127.0.0.1:{port}") as (town, cookie),
        served(town.app, port) as address,
    ):
        places = {**PAGES, "checkin": checkin(town)}
        for name, page in _pages(browser, address, cookie, places):
            page.screenshot(path=folder / f"manage-{name}.png", full_page=True)


def _pages(
    browser: Browser, address: str, cookie: str, places: dict[str, str]
) -> Iterator[tuple[str, Page]]:
    for width, height in SIZES:
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            signed_in: Any = {"name": "warmstation", "value": cookie, "url": address}
            context.add_cookies([signed_in])
            page = context.new_page()
            for prefix, language in (("", "zh"), ("/en", "en")):
                for name, path in places.items():
                    page.goto(f"{address}{prefix}{path}", wait_until="networkidle")
                    yield f"{name}-{language}-{scheme}-{width}", page
            context.close()

"""Pictures of the district's pages, in both languages and colours, on a phone and on a desk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests.support.district_city import WEEK, district_web
from tests.support.web import free_port, served

PLACES = {
    "district": f"/district?{WEEK}",
    "district-evidence": f"/district/stations/ks-001?{WEEK}&day=2026-11-17",
    "district-exports": "/district/exports",
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def take(browser: Browser, folder: Path) -> None:
    """All of them."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        district_web(Path(scratch) / "district") as staff,
        served(staff.app, free_port()) as address,
    ):
        key = staff.client("wang").cookies["warmstation"]
        for width in (390, 1280):
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": 844}, color_scheme=scheme
                )
                context.add_cookies([{"name": "warmstation", "value": key, "url": address}])
                page = context.new_page()
                for prefix, language in (("", "zh"), ("/en", "en")):
                    for name, path in PLACES.items():
                        page.goto(address + prefix + path)
                        picture = folder / f"{name}-{language}-{scheme}-{width}.png"
                        page.screenshot(path=picture, full_page=True)
                context.close()

"""Pictures of every page: `python -m tests.browser.shots DIR [NAME...]`.

Every page of `every_page.PAGES` and the radar, in both languages and both colours, on a phone and
on a desk: `NAME-LANGUAGE-COLOUR-WIDTH.png`.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from playwright.sync_api import Browser, Page

from tests.support.chromium import chromium, looking
from tests.support.daytime import Daytime
from tests.support.every_page import PAGES, World, worlds
from tests.support.ports import free_port
from tests.support.snapshots import city
from tests.support.web import served

SIZES = ((390, 844), (1280, 800))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = (("zh", ""), ("en", "/en"))
HERE: Any = {"latitude": 31.3853, "longitude": 120.9812}
DISPLAYS = ("wall", "areas", "door")
"""These are as high as the screen that they hang on, and no higher."""


def main(folder: Path, names: Collection[str] = ()) -> None:
    """Take them all, or those of these names."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [name for name in (*PAGES, "near") if not names or name in names]
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory()))
        snapshot = city(now=Daytime().now())
        every = stack.enter_context(worlds(scratch, snapshot))
        at = {
            name: stack.enter_context(served(one.app, free_port(), Daytime()))
            for name, one in every.items()
        }
        browser = stack.enter_context(chromium())
        for name, page in _pages(browser, every, at, wanted):
            whole = not name.startswith(DISPLAYS)
            page.screenshot(path=folder / f"{name}.png", full_page=whole)


def _pages(
    browser: Browser, every: dict[str, World], at: dict[str, str], names: Collection[str]
) -> Iterator[tuple[str, Page]]:
    keys: dict[tuple[str, str], str] = {}
    for (width, height), scheme, name in product(SIZES, SCHEMES, names):
        wanted = PAGES["list"] if name == "near" else PAGES[name]
        with looking(
            browser,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=2 if width < 800 else 1,
            geolocation=HERE,
            permissions=["geolocation"],
            service_workers="block",
        ) as context:
            if wanted.who:
                who = wanted.world, wanted.who
                keys.setdefault(who, every[wanted.world].key(wanted.who))
                key: Any = {"name": "warmstation", "value": keys[who], "url": at[wanted.world]}
                context.add_cookies([key])
            page = context.new_page()
            for language, prefix in LANGUAGES:
                page.goto(at[wanted.world] + prefix + every[wanted.world].path(wanted))
                if name == "near":
                    page.click("#near")
                    page.wait_for_selector("#radar svg")
                yield f"{name}-{language}-{scheme}-{width}", page


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("shots"), sys.argv[2:])

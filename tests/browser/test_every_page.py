"""Every page in a browser: axe, the narrowest phone, 200 %, the keyboard, words, silent scripts.

Each page is opened in one of the four pairs of language and colour, in turn; at length in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.chromium import looking
from tests.support.daytime import Daytime
from tests.support.every_page import PAGES, WRITTEN, World, worlds
from tests.support.looked_at import AXE, hard_to_reach, too_wide, violations
from tests.support.ports import free_port
from tests.support.spoken import spoken, untranslated
from tests.support.web import served

pytestmark = pytest.mark.browser

DESK, HALF_A_DESK, NARROWEST = 1280, 640, 320
"""CSS pixels: of a desk, of the same at 200 %, and of a small phone."""
PAIRS: tuple[tuple[str, Literal["light", "dark"]], ...] = (
    *(("zh-CN", "light"), ("en", "dark"), ("en", "light"), ("zh-CN", "dark")),
)


class Visited:
    """Opens pages as whoever looks at them; remembers what the browser complained of."""

    def __init__(self, browser: Browser, every: dict[str, World], at: dict[str, str]) -> None:
        self._browser, self._every, self._at = browser, every, at
        self._contexts: dict[tuple[str, str], BrowserContext] = {}
        self._profiles = ExitStack()
        self.complaints: list[str] = []

    def open(self, name: str, language: str, scheme: Literal["light", "dark"]) -> Page:
        """The page, on the narrowest phone."""
        wanted = PAGES[name]
        opened = self._context(wanted.world, wanted.who).new_page()
        opened.set_viewport_size({"width": NARROWEST, "height": 720})
        opened.emulate_media(color_scheme=scheme)
        opened.on("console", lambda one: self._keep(one.text) if one.type == "error" else None)
        opened.on("pageerror", lambda error: self._keep(str(error)))
        prefix = "" if language == "zh-CN" else f"/{language}"
        opened.goto(self._at[wanted.world] + prefix + self._every[wanted.world].path(wanted))
        return opened

    def close(self) -> None:
        """All of them."""
        self._profiles.close()

    def _keep(self, text: str) -> None:
        if "the server responded with a status of 40" not in text:  # that page is one of errors
            self.complaints.append(text)

    def _context(self, world: str, who: str) -> BrowserContext:
        if (world, who) not in self._contexts:
            profile = looking(self._browser, service_workers="block", reduced_motion="reduce")
            context = self._profiles.enter_context(profile)
            context.add_init_script(AXE)
            if who:
                key: Any = self._every[world].key(who)
                cookie: Any = {"name": "warmstation", "value": key, "url": self._at[world]}
                context.add_cookies([cookie])
            self._contexts[world, who] = context
        return self._contexts[world, who]


@pytest.fixture(scope="module")
def visited(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    with (
        worlds(tmp_path_factory.mktemp("pages")) as every,
        served(every["city"].app, free_port(), Daytime()) as city,
        served(every["town"].app, free_port(), Daytime()) as town,
    ):
        made = Visited(browser, every, {"city": city, "town": town})
        yield made
        made.close()


def _in_turn() -> Iterator[Any]:
    for number, name in enumerate(PAGES):
        for place, (language, scheme) in enumerate(PAIRS):
            marks = () if place == number % len(PAIRS) else (pytest.mark.slow,)
            yield pytest.param(name, language, scheme, marks=marks)


@pytest.mark.parametrize(("name", "language", "scheme"), tuple(_in_turn()))
def test_a_page_is_for_everybody(
    visited: Visited, name: str, language: str, scheme: Literal["light", "dark"]
) -> None:
    visited.complaints.clear()
    page = visited.open(name, language, scheme)
    said = spoken(page.content(), WRITTEN)
    wrong = [f"in {language}: {word}" for word in untranslated(said, language)]
    wrong += [f"at {NARROWEST} px {one}" for one in too_wide(page)]
    wrong += hard_to_reach(page)
    for width in (HALF_A_DESK, DESK):
        page.set_viewport_size({"width": width, "height": width * 5 // 8})
        wrong += [f"at {width} px {one}" for one in too_wide(page)]
    if language == "en":  # access where words are long and the page is narrow, and on a desk
        page.set_viewport_size({"width": NARROWEST, "height": 720})
    wrong += [*violations(page), *visited.complaints]
    page.close()
    assert not wrong, "\n".join(wrong)

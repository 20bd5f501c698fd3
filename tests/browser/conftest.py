"""One browser and one served city for all browser tests; each test has a profile of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.chromium import chromium
from tests.support.snapshots import city
from tests.support.web import Web, free_port, served, web
from warmstation_server.clock import SystemClock


@dataclass(frozen=True)
class Served:
    """The application under test and where it listens."""

    web: Web
    address: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def city_web() -> Iterator[Served]:
    port, clock = free_port(), SystemClock()
    application = web(city(now=clock.now()), clock, port)
    with served(application.app, port) as address:
        yield Served(application, address)


@pytest.fixture(scope="session")
def address(city_web: Served) -> str:
    return city_web.address


Opener = Callable[..., Page]


@pytest.fixture
def fresh(city_web: Served) -> None:
    """The city has just reported, however long the tests have been running."""
    version = city_web.web.current.get().version
    city_web.web.publish(city(now=SystemClock().now(), version=version + 1))


@pytest.fixture
def open_page(browser: Browser, address: str, fresh: None) -> Iterator[Opener]:
    """Opens a path in a new, empty profile: `open_page("/", color_scheme="dark")`; None = blank."""
    contexts: list[BrowserContext] = []

    def opened(path: str | None, **profile: Any) -> Page:
        profile.setdefault("viewport", {"width": 390, "height": 844})
        context = browser.new_context(**profile)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if path is not None:
            page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()

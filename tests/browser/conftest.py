"""One browser and one served city for all browser tests; each test has a profile of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.support.chromium import chromium, looking
from tests.support.daytime import Daytime
from tests.support.ports import free_port
from tests.support.snapshots import city
from tests.support.web import Web, served, web


class Line:
    """What lies between a phone and the application: a line that can break off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self.breaks_off = app, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's answer; where the line breaks off only its beginning."""
        if not self.breaks_off or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/html"), (b"content-length", b"9999")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<!doctype html>"})


@dataclass(frozen=True)
class Served:
    """The application under test and where it listens."""

    web: Web
    address: str
    line: Line


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def city_web() -> Iterator[Served]:
    port, clock = free_port(), Daytime()
    application = web(city(now=clock.now()), clock, port)
    line = Line(application.app)
    with served(line, port, clock) as address:
        yield Served(application, address, line)


@pytest.fixture(scope="session")
def address(city_web: Served) -> str:
    return city_web.address


Opener = Callable[..., Page]


@pytest.fixture
def fresh(city_web: Served) -> None:
    """The city has just reported, however long the tests have been running."""
    version = city_web.web.current.get().version
    city_web.web.publish(city(now=Daytime().now(), version=version + 1))


@pytest.fixture
def open_page(browser: Browser, address: str, fresh: None) -> Iterator[Opener]:
    """Opens a path in a new, empty profile: `open_page("/", color_scheme="dark")`; None = blank."""
    with ExitStack() as profiles:

        def opened(path: str | None, **profile: Any) -> Page:
            page = profiles.enter_context(looking(browser, **profile)).new_page()
            if path is not None:
                page.goto(address + path)
            return page

        yield opened

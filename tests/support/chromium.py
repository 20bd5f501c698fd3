"""Headless Chromium with an empty profile that talks to nobody but the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.support.daytime import AHEAD

EXECUTABLE = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000
"""With a busy machine; nothing waits longer than it must."""
_DAYTIME = f"""
(() => {{
  const Machine = Date, ahead = {AHEAD // timedelta(milliseconds=1)};
  window.Date = class Date extends Machine {{
    constructor(...given) {{ super(...(given.length ? given : [Machine.now() + ahead])); }}
    static now() {{ return Machine.now() + ahead; }}
  }};
}})();
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser until the block ends."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=EXECUTABLE, args=FLAGS, timeout=2 * PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looking(browser: Browser, **profile: Any) -> Iterator[BrowserContext]:
    """An empty profile, on a phone unless it says otherwise, in which it is `Daytime`."""
    profile.setdefault("viewport", {"width": 390, "height": 844})
    context = browser.new_context(**profile)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(_DAYTIME)
    try:
        yield context
    finally:
        context.close()

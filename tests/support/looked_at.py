"""What is wrong with a page in a browser: access, width, the keyboard. For the tests of pages.

The scripts run in the page; each function gives sentences, none where all is well.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""axe's rules for WCAG 2.2 AA; it leaves out those of 2.2 unless it is asked for them."""
AXE = Axe().axe_script
"""A context that opens many pages may have it as its init script."""
_BEYOND = 12
"""Stops that a page may have besides those counted: what scrolls, and the parts of a date."""

_TOO_WIDE = """
(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return [];
  const scrolls = (e) => e && e !== document.body
    && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  const wide = [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .map((e) => e.outerHTML.slice(0, 80)).slice(0, 3);
  return wide.length ? wide : [`the page is ${root.scrollWidth} px wide`];
})()
"""
_RUN_AXE = """
(options) => {
  document.activeElement.blur();
  return axe.run(document, options).then(({violations}) => violations.flatMap(
    ({id, nodes}) => nodes.map(({html}) => `${id}: ${html.slice(0, 160)}`)));
}
"""
_FOLLOW_FOCUS = """
(() => {
  const reachable = 'a[href],button,input,select,textarea,summary,[tabindex="0"]';
  const wanted = [...document.querySelectorAll(reachable)].filter(
    (e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}));
  const seen = new Set();
  const told = (e) => e.outerHTML.slice(0, 110);
  window.focusTold = {count: wanted.length, unseen: [], left: false,
    missed: () => wanted.filter((e) => !seen.has(e)).map(told),
    dates: wanted.filter((e) => /^(date|datetime-local|month|time|week)$/.test(e.type)).length};
  addEventListener('focusin', ({target}) => {
    if (seen.has(target)) {
      if (target === wanted[0]) window.focusTold.left = true;  // once round
      return;
    }
    seen.add(target);
    const {outlineStyle, outlineWidth} = getComputedStyle(target);
    // A date has parts of its own, and the browser shows which of them it is at.
    const isDate = /^(date|datetime-local|month|time|week)$/.test(target.type);
    if (!isDate && (outlineStyle === 'none' || parseFloat(outlineWidth) < 2)) {
      window.focusTold.unseen.push(told(target));
    }
  });
  addEventListener('focusout', () => setTimeout(() => {
    if (document.activeElement === document.body) window.focusTold.left = true;
  }));
  return [window.focusTold.count, window.focusTold.dates];
})()
"""
_TOLD = "({left: focusTold.left, unseen: focusTold.unseen, missed: focusTold.missed()})"


def violations(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What axe finds, one sentence a place; only with these rules where any are given."""
    wanted = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AA}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(_RUN_AXE, {"runOnly": wanted, "resultTypes": ["violations"]})
    return found


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways, as wide as the window is now."""
    return [f"wider than the window: {one}" for one in page.evaluate(_TOO_WIDE)]


def hard_to_reach(page: Page) -> list[str]:
    """What the keyboard alone does not reach, where one cannot see it, where it cannot go on."""
    count, dates = page.evaluate(_FOLLOW_FOCUS)
    told: dict[str, Any] = {}
    for pressed in range(1, count + 8 * dates + _BEYOND):
        page.keyboard.press("Tab")
        if pressed % 10 == 0 or pressed >= count:
            told = page.evaluate(_TOLD)
            if told["left"]:
                break
    found = [f"the keyboard does not reach {one}" for one in told["missed"]]
    found += [f"one cannot see that the keyboard is at {one}" for one in told["unseen"]]
    return found if told["left"] else [*found, "the keyboard cannot leave the page"]

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from warmstation_dashboards.resources import STATIC, TEMPLATES, catalogue

TEMPLATE_FILES = sorted(TEMPLATES.rglob("*.html"))
MODULES = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
RIDER = ("rider.js", "ages.js", "fresh.js", "near.js", "radar.js", "sw.js")
"""The scripts of the rider's pages, which must stay few and small."""
CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


def spoken(source: str) -> str:
    """What a template itself says: no tags, no expressions, no comments, no commands to copy."""
    source = source.replace(' lang="zh-CN"', "")
    source = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", source, flags=re.DOTALL)
    source = re.sub(r'<code[^>]* translate="no">.*?</code>', " ", source)
    attributes = re.findall(r'(?:aria-label|title|alt|placeholder|content)="([^"]*)"', source)
    return " ".join([re.sub(r"<[^>]*>", " ", source), *attributes])


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    said = spoken(path.read_text(encoding="utf-8"))
    allowed = {
        "C",
        "width",
        "device",
        "initial",
        "scale",
        "light",
        "dark",
        "b",
        "f",
        "noindex",
        "url",
    }
    assert not CJK.search(said)
    assert {word for word in re.findall(r"[A-Za-z]+", said) if word not in allowed} == set()


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_key_that_a_template_names_exists(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    named = set(re.findall(r"""\bt\(\s*'([\w.]+)'\s*[,)]""", source))
    assert named <= set(catalogue("en"))


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_script_style_or_foreign_address(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", source)
    assert "//" not in re.sub(r"<!--.*?-->", "", source)
    Environment(autoescape=True).parse(source)


def test_nothing_is_marked_safe_by_hand() -> None:
    for path in TEMPLATE_FILES:
        assert "|safe" not in path.read_text(encoding="utf-8").replace(" ", "")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(STATIC)))
def test_modules_say_nothing_themselves_and_load_nothing_foreign(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    code = re.sub(r"//.*", "", source.replace("http://www.w3.org/2000/svg", ""))
    assert not CJK.search(code)
    assert "://" not in code
    for imported in re.findall(r"""(?:from|import\()\s*'([^']+)'""", code):
        assert (path.parent / imported).is_file()


def test_the_riders_modules_are_a_few_kilobytes() -> None:
    assert sum((STATIC / name).stat().st_size for name in RIDER) < 16_000


def test_the_worker_keeps_every_file_that_a_riders_page_needs() -> None:
    worker = (STATIC / "sw.js").read_text(encoding="utf-8")
    layout = (TEMPLATES / "layout.html").read_text(encoding="utf-8")
    needed = set(re.findall(r"asset\('([^']+)'\)", layout)) | {*RIDER} - {"sw.js"}
    for name in needed - {"app.webmanifest"}:
        assert f"'{name}'" in worker
    imported = {
        one.removeprefix("./")
        for name in RIDER
        for one in re.findall(
            r"""(?:from|import\()\s*'([^']+)'""", (STATIC / name).read_text(encoding="utf-8")
        )
    }
    assert imported <= {*RIDER}


COLOURS = {
    # token: light, dark (as in the design language)
    "paper": ("#f4f6f5", "#0f161c"),
    "card": ("#ffffff", "#18222a"),
    "ink": ("#14212b", "#e9eff2"),
    "ink2": ("#4b5a66", "#a9b7c0"),
    "brand": ("#0b5f66", "#5cc7c0"),
    "ok": ("#12703f", "#6fd39b"),
    "ok-bg": ("#e2f3e9", "#12301f"),
    "warn": ("#8a4b00", "#f3bd63"),
    "warn-bg": ("#fff0d2", "#38280c"),
    "bad": ("#a8201a", "#ff9a90"),
    "bad-bg": ("#fde6e3", "#3d1714"),
    "na": ("#51606b", "#a9b7c0"),
    "na-bg": ("#e8edf0", "#24303a"),
}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def declared(scheme: int) -> dict[str, str]:
    """The custom properties of the style sheet, light (0) or dark (1)."""
    css = (STATIC / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root\{(.*?)\}", css, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+):(#[0-9a-f]+)", blocks[scheme]))
    return {
        name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
        for name, value in found.items()
    }


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_colours_are_those_of_the_design_and_can_be_read(scheme: int) -> None:
    colours = declared(scheme)
    assert {name: colours[name] for name in COLOURS} == {n: c[scheme] for n, c in COLOURS.items()}
    for role in ("ok", "warn", "bad", "na"):
        assert contrast(colours[role], colours[f"{role}-bg"]) >= 4.5
    for ink in ("ink", "ink2", "brand"):
        assert contrast(colours[ink], colours["card"]) >= 4.5
        assert contrast(colours[ink], colours["paper"]) >= 4.5

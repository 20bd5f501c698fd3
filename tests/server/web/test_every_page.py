"""What must hold on every page, whoever made it: words, languages, times."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.client import Client
from tests.support.every_page import PUBLIC, shown, staff_pages, translated
from tests.support.staff import Staff, StaffClient, staff_web
from tests.support.web import web
from warmstation_dashboards.resources import LANGUAGES, catalogue
from warmstation_server.accounts.role import Role

CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]+")
OTHER_LANGUAGE = re.compile(r"<(\w+)[^>]*\slang=\"(?:zh-CN|en)\"[^>]*>.*?</\1>", re.DOTALL)
SENTENCES = {
    text
    for text in catalogue("en").values()
    if "{" not in text and "|" not in text and text.count(" ") >= 2
}


@pytest.fixture(scope="module")
def public() -> Client:
    return Client(web(translated()).app)


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with staff_web(tmp_path_factory.mktemp("pages"), translated()) as made:
        made.add("chief", Role.ADMIN, "*")
        yield made


@pytest.fixture(scope="module")
def pages(public: Client, staff: Staff) -> dict[str, str]:
    """Every page's HTML by its address, in both languages."""
    chief: StaffClient = staff.client("chief")
    found = {}
    for prefix in ("", "/en"):
        for path in PUBLIC.values():
            found[prefix + path] = public.get(prefix + path).text
        for path in staff_pages(staff):
            answer = chief.get(prefix + path)
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                found[prefix + path] = answer.text
    return found


def spoken(html: str) -> str:
    """What the page itself says: no other language that is marked, no scripts, no code."""
    body = html.split("<body", 1)[1]
    body = OTHER_LANGUAGE.sub(" ", body)
    body = re.sub(r"<(script|style|code|pre)\b.*?</\1>", " ", body, flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', body)
    return re.sub(r"\s+", " ", " ".join([re.sub(r"<[^>]*>", " ", body), *said]))


def test_no_public_template_is_left_out() -> None:
    assert shown() == {*PUBLIC}


def test_there_are_staff_pages_to_look_at(pages: dict[str, str]) -> None:
    assert len([path for path in pages if not path.startswith("/en")]) > len(PUBLIC) + 5


def test_nothing_on_an_english_page_is_left_in_chinese(pages: dict[str, str]) -> None:
    left = {
        path: CJK.findall(spoken(html))
        for path, html in pages.items()
        if path.startswith("/en/") and CJK.search(spoken(html))
    }
    assert left == {}


def test_nothing_on_a_chinese_page_is_left_in_english(pages: dict[str, str]) -> None:
    left = {
        (path, sentence)
        for path, html in pages.items()
        if not path.startswith("/en/")
        for sentence in SENTENCES
        if sentence in spoken(html)
    }
    assert left == set()


def test_no_key_is_shown_for_a_sentence(pages: dict[str, str]) -> None:
    keys = {key for key in catalogue(LANGUAGES[0]) if "." in key}
    shown_keys = {
        (path, word)
        for path, html in pages.items()
        for word in re.findall(r"[a-z_]+(?:\.[a-z_]+)+", spoken(html))
        if word in keys
    }
    assert shown_keys == set()


def test_every_page_says_which_language_it_is_in(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        assert f'<html lang="{"en" if path.startswith("/en/") else "zh-CN"}"' in html, path


def test_times_are_those_of_the_deployment(pages: dict[str, str]) -> None:
    """It is 12:30 in Shanghai, and 04:30 in the zone in which everything is kept."""
    for path, html in pages.items():
        said = spoken(html)
        assert "04:30" not in said, path
        assert not re.search(r"\d\d:\d\d(:\d\d)?(Z|\+00:00)", said), path
    assert "12:30" in spoken(pages["/"])
    assert "12:30" in spoken(pages["/board/ks-001"])

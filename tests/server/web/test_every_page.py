"""What must hold on every page, whoever made it: words, languages, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.every_page import PAGES, WRITTEN, World, left_out, worlds
from tests.support.spoken import spoken, untranslated
from warmstation_dashboards.resources import LANGUAGES, catalogue


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    with worlds(tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture(scope="module")
def pages(every: dict[str, World]) -> dict[tuple[str, str], Any]:
    """Every page's answer by its language and its name."""
    clients = {
        (page.world, page.who): every[page.world].client(page.who or None)
        for page in PAGES.values()
    }
    return {
        (language, name): clients[page.world, page.who].get(prefix + every[page.world].path(page))
        for language, prefix in (("zh-CN", ""), ("en", "/en"))
        for name, page in PAGES.items()
    }


def test_no_page_is_left_out(every: dict[str, World]) -> None:
    assert left_out(every["city"].parts) == set()


def test_every_page_answers_as_a_page(pages: dict[tuple[str, str], Any]) -> None:
    wrong = {
        key: answer.status_code
        for key, answer in pages.items()
        if answer.status_code != PAGES[key[1]].status
        or not answer.headers["content-type"].startswith("text/html")
    }
    assert wrong == {}


def test_nothing_is_left_in_the_other_language(pages: dict[tuple[str, str], Any]) -> None:
    left = {
        (language, name): words
        for (language, name), answer in pages.items()
        if (words := untranslated(spoken(answer.text, WRITTEN), language))
    }
    assert not left, "\n".join(f"{key}: {words}" for key, words in left.items())


def test_no_key_is_shown_for_a_sentence(pages: dict[tuple[str, str], Any]) -> None:
    keys = {key for key in catalogue(LANGUAGES[0]) if "." in key}
    shown_keys = {
        (key, word)
        for key, answer in pages.items()
        for word in re.findall(r"[a-z_]+(?:\.[a-z_]+)+", spoken(answer.text))
        if word in keys
    }
    assert shown_keys == set()


def test_every_page_says_which_language_it_is_in(pages: dict[tuple[str, str], Any]) -> None:
    for (language, name), answer in pages.items():
        assert f'<html lang="{language}"' in answer.text, name


def test_dates_and_times_are_as_people_write_them(pages: dict[tuple[str, str], Any]) -> None:
    """No ISO dates, no seconds' fractions, no offsets: those are for programs."""
    raw = {
        (key, found[0])
        for key, answer in pages.items()
        if (
            found := re.findall(
                r"\b20\d\d-\d\d(?:-\d\d)?\b|\d\d:\d\d(?::\d\d)?(?:Z|\+\d\d)", spoken(answer.text)
            )
        )
    }
    assert raw == set()

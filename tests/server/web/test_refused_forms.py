"""A form that is refused comes back as it was filled in, with what is wrong beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.every_page import World, worlds

SHELF = "/manage/supplies/ks-songnan/noodles"
HERE = "/manage/stations/ks-songnan"
FORMS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "silence": ("city", "{alert}/silence", {"lasts": "3d", "reason": " "}, "lasts"),
    "assign": ("city", "{alert}/assign", {"to": "zhao"}, ""),
    "resolve": ("city", "{alert}/resolve", {"cause": "other", "note": ""}, "cause"),
    "person": (
        "city",
        "/people/new",
        {"login": "wang", "name": "Wang Er", "role": "viewer", "scope": "region:ks"},
        "login name role scope",
    ),
    "person-changed": (
        "city",
        "/people/wang",
        {"name": "", "role": "viewer", "scope": "region:ks", "known": "1"},
        "role scope",
    ),
    "token": ("city", "/me/tokens", {"name": "BI tool", "days": "365"}, "name days"),
    "hand": (
        "town",
        f"{HERE}/hand",
        {"word": "closed", "reason": "", "lasts": "7d", "until": "2027-01-01T10:00"},
        "lasts until",
    ),
    "work": (
        "town",
        f"{HERE}/work",
        {"kind": "heating", "start": "2019-01-01T10:00", "lasts": "8h", "note": "new coil"},
        "kind start lasts note",
    ),
    "visits": (
        "town",
        f"{HERE}/visits",
        {"day": "2019-01-01", "visits": "36", "note": "knitting"},
        "day visits note",
    ),
    "restock": (
        "town",
        SHELF,
        {"do": "restock", "quantity": "24", "donor": "Red Cross", "expires_on": "2019-01-01"},
        "donor expires_on other=24",
    ),
    "discard": ("town", SHELF, {"do": "discard", "quantity": "x", "note": "torn"}, "note"),
    "answer": ("town", f"{HERE}/reports/1", {"do": "merge", "answer": "on our way"}, "answer"),
}
"""World, address, what is sent, the fields that must come back (`name=value` where it moves)."""


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    with worlds(tmp_path_factory.mktemp("forms")) as made:
        yield made


def came_back(html: str, name: str, value: str) -> bool:
    """Whether a field of this name holds the value: written, chosen, or between its tags."""
    for field in re.findall(rf'<(?:input|textarea|select)[^>]*\sname="{name}".*?>', html):
        if f'value="{value}"' in field:
            return True
    for body in re.findall(rf'<(?:textarea|select)[^>]*\sname="{name}".*?</', html, re.DOTALL):
        if f">{value}<" in body:
            return True
    chosen = rf'<select[^>]*\sname="{name}"(?:(?!</select>).)*<option value="{value}" selected'
    return re.search(chosen, html, re.DOTALL) is not None


@pytest.mark.parametrize("form", FORMS)
def test_nothing_that_was_typed_is_lost(every: dict[str, World], form: str) -> None:
    where, path, fields, kept = FORMS[form]
    world = every[where]
    path = path.replace("{alert}", "/manage/alerts/" + world.blanks.get("{waits}", ""))
    client = world.client("chief" if where == "city" else "li")
    answer = client.send(f"/en{path}", fields)
    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    for name in kept.split():
        field, _, value = name.partition("=")
        assert came_back(answer.text, field, value or fields[field]), name


def test_a_refused_form_is_at_home_where_its_page_is(every: dict[str, World]) -> None:
    path = f"/manage/alerts/{every['city'].blanks['{waits}']}"
    answer = every["city"].client("chief").send(f"{path}/comment", {"text": " "})
    assert f'data-here="{path}"' in answer.text
    assert f'href="/en{path}"' in answer.text

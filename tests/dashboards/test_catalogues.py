from __future__ import annotations

import re
from string import Formatter

import pytest

from warmstation_dashboards.resources import HERE, LANGUAGES, STATIC, TEMPLATES, catalogue
from warmstation_server.alerts.words import ITEMS, PARTS, title

ZH, EN = (catalogue(language) for language in LANGUAGES)
GROUPS = (
    *("access", "author", "region_level", "state", "language"),
    *(
        "action",
        "ago",
        "badge",
        "day",
        "evidence",
        "evidence_is",
        "evidence_of",
        "facility",
        "fault",
        "field",
        "heating",
        "host",
    ),
    *("cause", "item", "month", "step", "tier", "verb", "weekday"),
)
"""Keys that begin like this are put together in code."""
CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


def fields(sentence: str) -> list[set[str]]:
    """The placeholders of each plural form."""
    return [
        {name for _, name, _, _ in Formatter().parse(form) if name} for form in sentence.split("|")
    ]


def test_both_languages_say_the_same_things() -> None:
    assert list(ZH) == list(EN)


@pytest.mark.parametrize("key", ZH)
def test_a_sentence_has_the_same_blanks_in_both_languages(key: str) -> None:
    both = fields(ZH[key]) + fields(EN[key])
    assert all(form == both[0] for form in both)


@pytest.mark.parametrize("key", ZH)
def test_each_language_is_written_in_its_own_script(key: str) -> None:
    if key == "other_language":
        assert (ZH[key], EN[key]) == ("English", "中文")
        return
    assert not CJK.search(EN[key])
    letters = re.sub(r"\{\w+\}|°C|kWh|[^A-Za-z]", "", ZH[key])
    assert CJK.search(ZH[key]) or not letters


def test_chinese_puts_a_space_between_numbers_and_words() -> None:
    for key, sentence in ZH.items():
        assert not re.search(r"[\u4e00-\u9fff]\{n\}|\{n\}[\u4e00-\u9fff]", sentence), key


def test_every_key_is_used() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in (TEMPLATES, STATIC, HERE.parents[1] / "server/warmstation_server")
        for path in folder.rglob("*")
        if path.suffix in {".html", ".js", ".py"} and "vendor" not in path.parts
    )
    prefixes = {match[1] for match in re.finditer(r"""['"]([\w.]+\.)(?:'\s*~|\{)""", text)}
    unused = [
        key
        for key in ZH
        if f"'{key}'" not in text
        and f'"{key}"' not in text
        and not key.startswith(tuple(prefixes))
        and key.partition(".")[0] not in GROUPS
        and not key.endswith((".title", ".text"))
    ]
    assert unused == []


def test_notices_and_pages_call_a_supply_by_the_same_word() -> None:
    found = {key[5:]: (ZH[key], EN[key]) for key in ZH if key.startswith("item.")}
    assert {key: (one.zh, one.en) for key, one in ITEMS.items()} == found


def test_notices_and_pages_call_a_sensor_and_a_charger_by_the_same_word() -> None:
    found = {key[6:]: (ZH[key], EN[key]) for key in ZH if key.startswith("fault.")}
    assert {key: (one.zh, one.en) for key, one in PARTS.items()} == found
    assert title("station.sensor", "outlet").zh == "传感器故障（出风口温度传感器）"
    assert title("chargers.overheat", "e1").en == "Charger too hot (E-bike point e1)"
    assert title("chargers.overheat", "socket-3").en == "Charger too hot (Device socket-3)"

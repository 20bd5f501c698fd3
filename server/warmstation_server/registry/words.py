"""Reads what people write into table cells. Pure; called by the rows' validators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_YES = frozenset({"true", "yes", "y", "1", "是", "有", "真"})
_NO = frozenset({"false", "no", "n", "0", "否", "无", "假"})
_SEPARATOR = re.compile(r"[;；、\n]")
_LISTED = re.compile(r"[;；、,，\n]")
_PUNCTUATION = str.maketrans("：；，–—－～~　", ":;,----- ")
_HOURS_WORDS = (
    (re.compile(r"^\s*(?:24\s*小时|全天|全天候|24h)\s*$", re.IGNORECASE), "24/7"),
    (re.compile(r"周[日天]|星期[日天]|礼拜[日天]"), "Su"),
    *(
        (re.compile(f"(?:周|星期|礼拜){zh}"), osm)
        for zh, osm in zip("一二三四五六", ("Mo", "Tu", "We", "Th", "Fr", "Sa"), strict=True)
    ),
    (re.compile(r"每[天日]"), "Mo-Su"),
    (re.compile(r"(?:法定)?节?假日"), "PH"),
    (re.compile(r"\s*(?:休息|闭馆|关闭)"), " off"),
    (re.compile(r"\s*[至到]\s*"), "-"),
    (re.compile(r"(?<=[A-Za-z])(?=\d{1,2}:\d\d)"), " "),
    (re.compile(r"\s*;\s*"), "; "),
)


def a_text(value: object) -> str:
    """A cell as text: spreadsheets turn phone numbers and ids into numbers."""
    if isinstance(value, bool):
        raise ValueError("should be a text")  # noqa: TRY004 - pydantic reads ValueError
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError("should be a text")


def a_bool(value: object) -> bool:
    """Yes or no, in either language."""
    if isinstance(value, bool):
        return value
    word = a_text(value).lower()
    if word not in _YES | _NO:
        raise ValueError("should be yes or no (true, false, 是, 否)")
    return word in _YES


def a_list(value: object) -> list[str]:
    """A list, or a text with its items separated by semicolons or commas."""
    if isinstance(value, str):
        return [item.strip() for item in _LISTED.split(value) if item.strip()]
    if isinstance(value, Sequence):
        return [a_text(item) for item in value]
    raise ValueError("should be a list, or items separated by ;")


def a_mapping(value: object) -> dict[str, str]:
    """A mapping, or a text of `item=who` separated by semicolons: names may have commas."""
    if isinstance(value, Mapping):
        return {a_text(key): a_text(who) for key, who in value.items()}
    if not isinstance(value, str):
        raise ValueError("should be item=who, separated by ;")  # noqa: TRY004 - as above
    items = _SEPARATOR.split(value.replace("＝", "="))
    pairs = [item.strip().partition("=") for item in items if item.strip()]
    if not all(sign and who.strip() for _, sign, who in pairs):
        raise ValueError("should be item=who, separated by ;")
    return {item.strip(): who.strip() for item, _, who in pairs}


def tidy_hours(text: str) -> str:
    """Opening hours as people write them in Chinese sheets, in OpenStreetMap's characters."""
    if '"' in text:  # a comment may say anything; whoever writes one knows the syntax
        return text.strip()
    text = text.translate(_PUNCTUATION)
    for pattern, word in _HOURS_WORDS:
        text = pattern.sub(word, text)
    return text.strip()

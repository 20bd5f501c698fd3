"""What a page says, and what of it is in the wrong language. For tests of pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z_.-]{2,}")
NO_LANGUAGE = frozenset(
    (
        *("API", "APIs", "AsyncAPI", "CSV", "Excel", "GET", "HTTP", "JSON", "MQTT", "OpenAPI"),
        *("DELETE", "PATCH", "PDF", "POST", "QR", "Wi-Fi", "kWh"),
        *("English", "Warmstation"),
    )
)
"""Words that Chinese pages have too: names, units, formats; `English` leads to the other page."""
_OTHER = re.compile(
    r"<(\w+)[^>]*\s(?:lang=\"(?:zh-CN|en)\"|translate=\"no\")[^>]*>.*?</\1>", re.DOTALL
)
_UNSPOKEN = re.compile(r"<(script|style|code|pre)\b.*?</\1>", re.DOTALL)
_SAID_OTHERWISE = re.compile(r'(?:aria-label|title|alt|placeholder)="([^"]*)"')


def spoken(html: str, written: Iterable[str] = ()) -> str:
    """The page's own words: no code, no marked names and languages, not what people wrote."""
    body = _UNSPOKEN.sub(" ", _OTHER.sub(" ", re.split(r"<body[^>]*>", html, maxsplit=1)[1]))
    # a file's name is said again by the link that leads to it
    written = {*written, *re.findall(r'translate="no"[^>]*>([^<]{4,})<', html)}
    said = " ".join([re.sub(r"<[^>]*>", " ", body), *_SAID_OTHERWISE.findall(body)])
    for text in sorted(written, key=len, reverse=True):
        said = said.replace(text, " ")
    return re.sub(r"\s+", " ", said)


def untranslated(said: str, language: str) -> list[str]:
    """Words that belong to the other language, keys and identifiers among them."""
    if language == "en":
        return CJK.findall(said)
    return [word for word in LATIN.findall(said) if word.strip(".-") not in NO_LANGUAGE]

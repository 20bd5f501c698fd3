"""Where the pages' parts are: templates, static files, catalogues. The server reads them here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
FONTS = HERE / "fonts"
"""A Chinese font, put there when the package is built; its licence lies beside it."""
LANGUAGES = ("zh-CN", "en")
"""The first is the one a page has where nothing else was asked for."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence of the pages in one language, by key: one file a surface, put together."""
    words: dict[str, str] = {}
    for path in sorted((HERE / "catalogues" / language).glob("*.json")):
        surface: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        if twice := words.keys() & surface:
            raise ValueError(f"{path.name} says again what another surface says: {sorted(twice)}")
        words |= surface
    return MappingProxyType(words)

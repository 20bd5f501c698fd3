"""Turns a template and its facts into a finished page, for Pages; staff pages share its Jinja."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warmstation_dashboards.resources import TEMPLATES
from warmstation_server.publish.documents import Document, document
from warmstation_server.publish.site import Site
from warmstation_server.web.assets import Assets
from warmstation_server.web.headers import HTML, SECURE
from warmstation_server.web.languages import other, path_in
from warmstation_server.web.words import Words
from warmstation_wire import rfc3339

MAX_AGE_S = 5
"""How long a cache may hand out a page without asking: short against the age of live data."""


@cache
def environment() -> Environment:
    """Jinja as all our templates expect it: everything is escaped, nothing may be missing."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def frame(
    site: Site, assets: Assets, path: str, now: datetime, words: Words, query: str = ""
) -> dict[str, Any]:
    """What every page is given beside its own facts. `query`: what the view was asked, with `?`."""
    language = words.language
    tag, there = other(language, path)
    return {
        "t": words,
        "lang": language,
        "site": words.text(site.name),
        "asset": assets.url,
        "version": assets.version,
        "rendered": rfc3339(now),
        "taken": words.clock(now, site.zone),
        "url": lambda place: path_in(language, place),
        "other": (tag, there + query),
    }


class Templates:
    """The templates of the dashboards, for one site."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self._site = site
        self._assets = assets
        self._environment = environment()

    def page(
        self,
        path: str,
        template: str,
        facts: Mapping[str, Any],
        now: datetime,
        words: Words,
        status: int = 200,
        query: str = "",
    ) -> Document:
        """A page for this path in the language of `words`."""
        text = self._environment.get_template(template).render(
            facts, **frame(self._site, self._assets, path, now, words, query)
        )
        return document(
            path,
            text.encode(),
            media_type=HTML,
            changed_at=now,
            cache_control=f"public, max-age={MAX_AGE_S}" if status == 200 else "no-store",
            headers=(*SECURE, (b"content-language", words.language.encode())),
            status=status,
        )

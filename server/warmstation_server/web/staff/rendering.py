"""Turns a template and its facts into a staff page: never cached, never in a frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi.responses import Response

from warmstation_dashboards.resources import LANGUAGES
from warmstation_server.publish.site import Site
from warmstation_server.web.assets import Assets
from warmstation_server.web.headers import SECURE
from warmstation_server.web.languages import language_of
from warmstation_server.web.templates import environment, frame
from warmstation_server.web.words import Words

PRIVATE = {
    **{name.decode(): value.decode() for name, value in SECURE},
    "cache-control": "no-store",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
    "vary": "cookie",
}


class Rendering:
    """The templates of staff pages, for one site. Any thread."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self._site = site
        self._assets = assets
        self._environment = environment()
        self._words = {language: Words(language) for language in LANGUAGES}

    def words(self, path: str) -> Words:
        """The words of the language that an address has."""
        return self._words[language_of(path)[0]]

    def page(
        self,
        path: str,
        template: str,
        facts: Mapping[str, Any],
        now: datetime,
        words: Words,
        status: int = 200,
        query: str = "",
    ) -> Response:
        """The finished page; `query`: what the view was asked, kept in the other language."""
        html = self._environment.get_template(template).render(
            {"visit": None, "csrf": "", "rooms": (), **facts},
            zone=self._site.zone,
            here=language_of(path)[1],
            **frame(self._site, self._assets, path, now, words, query),
        )
        headers = {**PRIVATE, "content-language": words.language}
        return Response(html, status, headers, media_type="text/html")

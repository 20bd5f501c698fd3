"""Languages have addresses of their own: `/...` is Chinese, `/en/...` is English. Pure.

A cache, a CDN or a plain directory can so keep every page without looking at any header.
"""

from __future__ import annotations

from warmstation_dashboards.resources import LANGUAGES


def language_of(path: str) -> tuple[str, str]:
    """The language of a path and the path without it."""
    if path == "/en" or path.startswith("/en/"):
        return "en", path[3:] or "/"
    return LANGUAGES[0], path


def path_in(language: str, place: str) -> str:
    """The path of a place in a language."""
    return place if language == LANGUAGES[0] else f"/{language}{place}"


def other(language: str, path: str) -> tuple[str, str]:
    """The other language, and the same place in it."""
    tag = next(tag for tag in LANGUAGES if tag != language)
    return tag, path_in(tag, language_of(path)[1])


def spoken(wish: str) -> str:
    """The language that comes closest to a wish such as `en-GB`."""
    return next((tag for tag in LANGUAGES if tag[:2] == wish[:2].lower()), LANGUAGES[0])

"""Which bytes of a document a request gets: encoding, 304, HEAD. Pure; the front calls it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from warmstation_server.publish.documents import Document, Header, Headers


class Answer(NamedTuple):
    """A whole HTTP response."""

    status: int
    headers: Headers
    body: bytes


_PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"if-none-match"),
    (b"access-control-max-age", b"86400"),
]


def preflight(document: Document) -> Answer | None:
    """What a browser asks before a foreign page may send If-None-Match; None where it may not."""
    if (b"access-control-allow-origin", b"*") not in document.headers:
        return None
    return Answer(204, _PREFLIGHT, b"")


def answer(document: Document, request: Iterable[Header], method: str) -> Answer:
    """The response to a GET or HEAD with these request headers (names in lower case)."""
    gzip_ok, known = False, b""
    for name, value in request:
        if name == b"accept-encoding":
            gzip_ok = accepts_gzip(value)
        elif name == b"if-none-match":
            known = value
    body, headers = document.body, document.headers
    if gzip_ok and document.gzipped is not None:
        body, headers = document.gzipped, document.gzip_headers
    if known and document.status == 200 and _matches(known, document.tag):
        return Answer(304, [*document.unchanged_headers, headers[-1]], b"")
    return Answer(document.status, headers, b"" if method == "HEAD" else body)


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether gzip is named and not refused with q=0 (RFC 9110, 12.5.3)."""
    if accept_encoding.startswith(b"gzip,"):  # what every browser sends
        return True
    for part in accept_encoding.lower().split(b","):
        coding, _, weight = part.partition(b";")
        if coding.strip() in (b"gzip", b"*"):
            return weight.replace(b" ", b"").rstrip(b"0").rstrip(b".") not in (b"q=", b"q=0")
    return False


def _matches(known: bytes, tag: bytes) -> bool:
    """Either encoding's tag stands for the same content; If-None-Match compares weakly."""
    if known.strip() == b"*":
        return True
    listed = {part.strip().removeprefix(b"W/").strip(b'"') for part in known.split(b",")}
    return tag in listed or tag + b"-gz" in listed

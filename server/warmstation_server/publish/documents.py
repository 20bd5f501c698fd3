"""Finished bytes with everything HTTP needs to serve them. For publish and web."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

Header = tuple[bytes, bytes]
Headers = list[Header]

GZIP_FROM_BYTES = 400
"""Below this, gzip saves less than a network packet and costs the phone work."""


@dataclass(frozen=True, slots=True)
class Document:
    """One resource in both encodings; its three header lists are built once and shared.

    `content`: digest of what the document says, without the time at which it was said.
    """

    path: str
    media_type: str
    body: bytes
    gzipped: bytes | None
    tag: bytes
    content: str
    changed_at: datetime
    headers: Headers
    gzip_headers: Headers
    unchanged_headers: Headers
    status: int = 200


def document(
    path: str,
    body: bytes,
    *,
    media_type: str,
    changed_at: datetime,
    cache_control: str,
    headers: Sequence[Header] = (),
    content: str | None = None,
    status: int = 200,
    level: int = 6,
) -> Document:
    """Compress, tag and dress a body. The two encodings carry different strong tags (RFC 9110)."""
    digest = sha256(body).hexdigest()[:20].encode()
    gzipped = gzip.compress(body, level, mtime=0) if len(body) >= GZIP_FROM_BYTES else None
    shared: Headers = [
        (b"cache-control", cache_control.encode()),
        (b"vary", b"accept-encoding"),
        *headers,
    ]
    full: Headers = [(b"content-type", media_type.encode()), *shared]
    return Document(
        path=path,
        media_type=media_type,
        body=body,
        gzipped=gzipped,
        tag=digest,
        content=content or digest.decode(),
        changed_at=changed_at,
        headers=[*full, _length(body), (b"etag", b'"%s"' % digest)],
        gzip_headers=[
            *full,
            _length(gzipped or b""),
            (b"content-encoding", b"gzip"),
            (b"etag", b'"%s-gz"' % digest),
        ],
        unchanged_headers=shared,
        status=status,
    )


def digest_of(content: bytes) -> str:
    """A short fingerprint of what a document says."""
    return sha256(content).hexdigest()[:20]


def _length(body: bytes) -> Header:
    return b"content-length", str(len(body)).encode()

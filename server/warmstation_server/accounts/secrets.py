"""Keys that a browser or program shows to be let in; only their hashes are kept. Pure but for luck.

The keys are 256 random bits, so a plain hash of them cannot be turned back.
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "ws_"  # noqa: S105 - the mark by which people and scanners recognise a token


def new_key() -> str:
    """A session's key."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """An API token, shown once."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def kept(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def csrf_of(key: str) -> str:
    """The word that forms of this session carry; it does not give the key away."""
    return hashlib.blake2b(b"csrf", key=kept(key).encode()[:64], digest_size=16).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compares without telling by its time where they differ."""
    return secrets.compare_digest(one.encode(), other.encode())

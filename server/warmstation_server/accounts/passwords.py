"""Passwords: argon2id by pwdlib with its recommended cost. Slow on purpose (~0.1 s, 64 MB)."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash

from warmstation_server.accounts.errors import BadAccount

LEAST, MOST = 10, 200
"""Characters. A long sentence is better than signs that nobody can type on a phone."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 64 MB: a crowd at the door must not take all there is."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def hashed(password: str) -> str:
    """What is stored; BadAccount for a password that is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise BadAccount(f"a password has {LEAST} to {MOST} characters")
    with _AT_ONCE:
        return _hasher().hash(password)


def is_right(password: str, known: str | None) -> bool:
    """Whether the password is the one; takes as long where there is none to compare with."""
    if len(password) > MOST:
        return False
    with _AT_ONCE:
        return _hasher().verify(password, known or _nobodys()) and known is not None


def random_password() -> str:
    """Four groups that can be read out and typed on a phone: 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe())

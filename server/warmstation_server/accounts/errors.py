"""What can be wrong with accounts, each one sentence."""

from __future__ import annotations

from warmstation_server.errors import ServerError


class BadAccount(ServerError, ValueError):
    """A person, password or token that cannot be as it was asked for."""


class BadNode(BadAccount):
    """A text that names no place."""

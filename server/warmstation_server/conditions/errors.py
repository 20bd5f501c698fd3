"""Errors of the watch."""

from __future__ import annotations

from warmstation_server.errors import ServerError


class BadWatch(ServerError, ValueError):
    """A saved watch that cannot be gone on from: damaged, or of another version."""

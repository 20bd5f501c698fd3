"""What can keep an installation from being made."""

from __future__ import annotations

from warmstation_server.errors import ServerError


class CannotInstall(ServerError, OSError):
    """Something is missing or in the way: one sentence for who runs it."""

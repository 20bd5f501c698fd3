"""What can go wrong with an export: each is one sentence."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class ExportError(WarmstationError):
    """An export that cannot be made."""


class NoFont(ExportError, FileNotFoundError):
    """No Chinese font is installed."""


class Cancelled(ExportError):
    """Somebody wants it no more."""

"""What can be wrong with a backup."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class BadBackup(WarmstationError):
    """A file that is no backup, is damaged, or cannot be written or restored there."""

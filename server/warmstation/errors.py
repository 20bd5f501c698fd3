"""What can go wrong on top: each is one sentence for the person at the terminal."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class DemoError(WarmstationError):
    """The demo cannot start or go on."""


class PortInUse(DemoError, OSError):
    """Somebody else listens where the demo wants to."""


class AlreadyRunning(DemoError):
    """A second demo on the same data directory."""


class BadRecording(WarmstationError, ValueError):
    """A recording, or the mapping of its columns, that cannot be replayed."""

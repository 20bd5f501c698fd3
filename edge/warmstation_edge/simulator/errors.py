"""What can be wrong with what the simulator was asked for."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class BadFleet(WarmstationError, ValueError):
    """A fleet that does not exist or whose file is wrong."""


class BadFault(WarmstationError, ValueError):
    """A fault order that cannot be read."""

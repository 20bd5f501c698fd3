"""Errors that stop the server, each one sentence for the person who starts it."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class ServerError(WarmstationError):
    """Root of this package's own errors."""


class BadConfig(ServerError, ValueError):
    """A configuration that cannot be used: names the file, the key and what is allowed."""


class DataDirInUse(ServerError, OSError):
    """Another server works on the same data directory."""


class BadDataDir(ServerError, OSError):
    """The data directory, or a file of ours in it, cannot be used."""


class PortInUse(ServerError, OSError):
    """Something else listens on the port that the web server was given."""


class BrokerAway(ServerError, OSError):
    """The broker cannot be reached, or does not let the server in."""


class ServerFailed(ServerError, RuntimeError):
    """A part of the running server ended by itself."""

"""The registry: regions, stations, rider reports. The only room that knows SQLAlchemy.

The rest of the server asks `Registry` and gets `places`.
"""

from __future__ import annotations

from warmstation_server.registry.errors import (
    BadFile,
    BadPlace,
    RegistryAway,
    RegistryError,
    RegistryForeign,
    TooManyReports,
    UnknownStation,
)
from warmstation_server.registry.registry import Registry

__all__ = [
    "BadFile",
    "BadPlace",
    "Registry",
    "RegistryAway",
    "RegistryError",
    "RegistryForeign",
    "TooManyReports",
    "UnknownStation",
]

"""The registry: regions, stations, rider reports. The only room that knows SQLAlchemy.

The rest of the server asks `Registry` and gets `places`.
"""

from __future__ import annotations

from warmstation_server.registry.engine import reach, without_password
from warmstation_server.registry.errors import (
    BadFile,
    BadPlace,
    RegistryAway,
    RegistryError,
    RegistryForeign,
    StillNeeded,
    TooManyReports,
    UnknownPlace,
    UnknownStation,
)
from warmstation_server.registry.imports import Columns, read
from warmstation_server.registry.notices import add_notices
from warmstation_server.registry.outcome import ImportOutcome, RefusedRow, Tally
from warmstation_server.registry.registry import Registry
from warmstation_server.registry.reports import KINDS, ReportKind, RiderReport
from warmstation_server.registry.rows import columns_of
from warmstation_server.registry.single import sound
from warmstation_server.registry.toml import dumps

__all__ = [
    "KINDS",
    "BadFile",
    "BadPlace",
    "Columns",
    "ImportOutcome",
    "RefusedRow",
    "Registry",
    "RegistryAway",
    "RegistryError",
    "RegistryForeign",
    "ReportKind",
    "RiderReport",
    "StillNeeded",
    "Tally",
    "TooManyReports",
    "UnknownPlace",
    "UnknownStation",
    "add_notices",
    "columns_of",
    "dumps",
    "reach",
    "read",
    "sound",
    "without_password",
]

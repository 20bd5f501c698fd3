"""What there is a right to, and which role has it. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One thing that somebody may do at the places of their scope."""

    OWN = "own"
    """One's own password, sessions and tokens: everybody who can sign in."""
    ALERTS_READ = "alerts.read"
    ALERTS_ACT = "alerts.act"
    STATIONS_READ = "stations.read"
    STATIONS_WRITE = "stations.write"
    """Open and close by hand, what is promised, planned work."""
    STATIONS_REGISTER = "stations.register"
    """Names, places, ends and returns of stations and regions."""
    DEVICES_READ = "devices.read"
    DEVICES_ENROL = "devices.enrol"
    SUPPLIES_READ = "supplies.read"
    SUPPLIES_WRITE = "supplies.write"
    VISITS_COUNT = "visits.count"
    REPORTS_READ = "reports.read"
    REPORTS_ANSWER = "reports.answer"
    USAGE_READ = "usage.read"
    EXPORTS_MAKE = "exports.make"
    EXPORTS_PLAN = "exports.plan"
    """Exports on a schedule, mailed or dropped."""
    NOTICES_READ = "notices.read"
    """Who was told of what, and whether it arrived."""
    AUDIT_READ = "audit.read"
    PEOPLE_MANAGE = "people.manage"


class Role(StrEnum):
    """What somebody is here for."""

    ADMIN = "admin"
    DISTRICT = "district"
    MANAGER = "manager"
    INSTALLER = "installer"
    VIEWER = "viewer"


_LOOKS = frozenset(
    {Right.OWN, Right.ALERTS_READ, Right.STATIONS_READ, Right.SUPPLIES_READ, Right.USAGE_READ}
)
_RUNS = _LOOKS | {
    Right.ALERTS_ACT,
    Right.STATIONS_WRITE,
    Right.SUPPLIES_WRITE,
    Right.VISITS_COUNT,
    Right.REPORTS_READ,
    Right.REPORTS_ANSWER,
    Right.EXPORTS_MAKE,
    Right.NOTICES_READ,
    Right.AUDIT_READ,
}
_INSTALLS = {
    Right.OWN,
    Right.ALERTS_READ,
    Right.STATIONS_READ,
    Right.DEVICES_READ,
    Right.DEVICES_ENROL,
}

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.DISTRICT: frozenset(
        _RUNS | {Right.DEVICES_READ, Right.EXPORTS_PLAN, Right.STATIONS_REGISTER}
    ),
    Role.MANAGER: frozenset(_RUNS | {Right.DEVICES_READ}),
    Role.INSTALLER: frozenset(_INSTALLS),
    Role.VIEWER: _LOOKS,
}

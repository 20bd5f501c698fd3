"""Who may speak at the broker: its ACL, from what the registry knows. Pure.

A certificate alone says who somebody is. That he may speak is said here, station by station: one
that the registry does not know, or whose certificates are revoked, is named nowhere and is heard
by nobody, also on a connection that is still open and with a certificate that TLS would believe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from warmstation_server.intake.mosquitto import PATTERNS, SERVER

MOST_NAMED = 2_000
"""mosquitto 2 looks for a user's lines from the first to the last, once for each line it reads: at
1,000 stations it reads the file in 0.1 s, at 10,000 it stood still for 22 s at each reload, and no
station was served meanwhile. Above this there are patterns for all, and lines against some."""
_SAYS = ("report", "presence", "applied", "result")
_HEARS = ("receipt", "desired", "command")


@dataclass(frozen=True, slots=True)
class Admission:
    """`admitted`: stations with a valid certificate or an open claim, and the district of each.

    `barred`: those that had a certificate once and have none of this now.
    """

    admitted: Mapping[str, str]
    barred: frozenset[str] = frozenset()


def acl(server: str, found: Admission) -> str:
    """The ACL file: a station speaks and listens for itself only, the server sees everything."""
    if len(found.admitted) <= MOST_NAMED:
        stations = [_allowed(name, found.admitted[name]) for name in sorted(found.admitted)]
    else:
        # A line that denies is looked at before any that allows.
        stations = [f"user {name}\ntopic deny #\n" for name in sorted(found.barred)]
        stations.append(PATTERNS)
    return "\n".join([SERVER.format(server=server), *stations])


def _allowed(name: str, district: str) -> str:
    says = [f"topic write warmstation/v1/{district}/{name}/{leaf}" for leaf in _SAYS]
    hears = [f"topic read warmstation/v1/{district}/{name}/{leaf}" for leaf in _HEARS]
    return "\n".join([f"user {name}", *says, *hears, ""])

"""Whether a machine can be called so. For whoever writes a name into certificates and sites."""

from __future__ import annotations

import re
from ipaddress import ip_address

from warmstation_server.enrolment.errors import BadHost

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_LONGEST = 253


def check_name(host: str) -> None:
    """BadHost where it is no name of DNS; an IPv4 address looks like one."""
    if len(host) > _LONGEST or not all(map(_LABEL.fullmatch, host.split("."))):
        raise BadHost(f"{host[:60]!r} is no name of a machine, like stations.example.org")


def check_host(host: str) -> None:
    """BadHost where it is neither a name nor an address."""
    try:
        ip_address(host)
    except ValueError:
        check_name(host)

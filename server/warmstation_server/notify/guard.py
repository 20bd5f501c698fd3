"""Which addresses a webhook may name: nothing of ours, unless the configuration says so.

A name is looked up once and the connection goes to the very address that was judged, so a name
that answers differently the second time gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from warmstation_server.notify.errors import NotSent, Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name; OSError where it has none."""

_NAT64 = ip_network("64:ff9b::/96")
_UNICAST = ip_network("2000::/3")
"""All that IANA has given out of IPv6; what lies elsewhere is old, local or of no one."""


def resolve(host: str, port: int) -> tuple[str, ...]:
    """As the system resolves names."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """`allowed`: networks that may be spoken to although they are not public; None: any."""

    def __init__(self, allowed: Sequence[Network] | None = (), resolver: Resolve = resolve) -> None:
        self._allowed = allowed
        self._resolve = resolver

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Where to connect for this host. NotSent without an address, Refused for a private one.

        One bad address refuses all: a name that has both kinds is up to something.
        """
        try:
            found = tuple(self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise NotSent(f"{host} has no address ({error})") from None
        if not found:
            raise NotSent(f"{host} has no address")
        for address in found:
            if not self._is_fine(ip_address(address.partition("%")[0])):
                raise Refused(f"{host} is at {address}, which is not a public address")
        return found

    def _is_fine(self, address: Address) -> bool:
        if self._allowed is None or any(address in network for network in self._allowed):
            return True
        inner = _inner(address)
        if inner is not address:
            return self._is_fine(inner)
        if isinstance(address, IPv6Address) and address not in _UNICAST:
            return False
        return address.is_global and not address.is_multicast


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, itself otherwise."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address

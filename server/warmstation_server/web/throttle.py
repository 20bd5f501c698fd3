"""How often one address may send something. Pure but for its own bounded memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta


class Throttle:
    """Lets an address through `times` within `span`; remembers at most `addresses` of them.

    Many riders share one address behind their carrier, so the limit is not for one person.
    """

    def __init__(
        self,
        times: int = 10,
        span: timedelta = timedelta(minutes=10),
        addresses: int = 10_000,
    ) -> None:
        self._times = times
        self._span = span
        self._addresses = addresses
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """None where it may pass, and then it counts; else how long until it may."""
        seen = self._seen.setdefault(address, deque())
        self._seen.move_to_end(address)
        if len(self._seen) > self._addresses:
            self._seen.popitem(last=False)
        while seen and now - seen[0] >= self._span:
            seen.popleft()
        if len(seen) >= self._times:
            return seen[0] + self._span - now
        seen.append(now)
        return None

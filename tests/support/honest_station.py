"""A station that goes on reporting while others attack the broker."""

from __future__ import annotations

import threading
import time
from functools import partial

from tests.support.guarded_broker import GuardedBroker
from tests.support.patience import eventually

OWN = "warmstation/v1/kunshan/ks-a"


class Honest:
    """A station that reports all the time, and the server that hears it."""

    def __init__(self, broker: GuardedBroker) -> None:
        self.server = broker.client("_server")
        self.server.subscribe("warmstation/v1/#")
        self.station = broker.client("ks-a")
        self.station.subscribe(f"{OWN}/receipt")
        self.slowest_s = 0.0
        self.sent = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._report)
        self._thread.start()

    def end(self) -> None:
        """Stop reporting."""
        self._stop.set()
        self._thread.join()

    def noticed_nothing(self) -> None:
        """It was never cut off, its reports arrived, and so do its receipts still."""
        sent = self.sent
        eventually(lambda: self.sent > sent + 2)
        assert self.server.publish(f"{OWN}/receipt", b"now")
        eventually(lambda: (f"{OWN}/receipt", b"now") in self.station.heard)
        assert (self.station.losses, self.server.losses) == (0, 0)

    def _has_heard(self, payload: bytes) -> bool:
        return (f"{OWN}/report", payload) in self.server.heard[-50:]

    def _report(self) -> None:
        while not self._stop.wait(0.02):
            payload = b"%d" % self.sent
            began = time.monotonic()
            assert self.station.publish(f"{OWN}/report", payload)
            eventually(partial(self._has_heard, payload))
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            self.sent += 1

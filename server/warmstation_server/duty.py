"""Which of several servers of one deployment decides on alerts: the one that holds the lease.

All of them take reports in and learn; one tells. The lease is in the registry, and every turn is
committed only where it still holds, so that two servers never raise the same alert, whatever their
clocks or pauses. A holder that is killed is replaced when its lease has ended.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from warmstation_server.alerts.store import Decided, Kept

ALERTS = "alerts"
LEASE = timedelta(seconds=6)
RENEWAL = timedelta(seconds=2)
"""Together they bound how long nobody decides: under 10 s."""


class Leases(Protocol):
    """Where it is written down. ConnectionError where it cannot be reached."""

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or keep a duty; False while another one has it."""
        ...

    def leave(self, name: str, holder: str) -> None:
        """Let another one have it at once."""
        ...


class Fenced(Protocol):
    """Alerts that can be committed for a holder only; `registry.alerts` is one."""

    def load(self) -> Kept:
        """All that is not over."""
        ...

    def commit(self, decided: Decided, holder: str | None = None) -> None:
        """Everything of one turn; ConnectionError where this holder has lost the duty."""
        ...


class Duty:
    """One server's view of it. The pipeline's thread owns it."""

    def __init__(self, leases: Leases, holder: str) -> None:
        self._leases = leases
        self.holder = holder
        self._until: datetime | None = None
        self._ask_at: datetime | None = None

    def is_mine(self, now: datetime) -> bool:
        """Whether to decide now; asks the registry every RENEWAL, and trusts nothing longer."""
        if self._ask_at is None or now >= self._ask_at:
            self._ask_at = now + RENEWAL
            self._ask(now)
        return self._until is not None and now < self._until

    def leave(self) -> None:
        """An orderly end: another server need not wait."""
        if self._until is not None:
            self._until = None
            self._leases.leave(ALERTS, self.holder)

    def _ask(self, now: datetime) -> None:
        try:
            is_mine = self._leases.take(ALERTS, self.holder, now, now + LEASE)
        except ConnectionError:  # the registry is away: nothing can be committed either
            return
        self._until = now + LEASE if is_mine else None


class OwnAlerts:
    """The alerts as the holder of the duty may change them; a desk's store."""

    def __init__(self, alerts: Fenced, holder: str) -> None:
        self._alerts = alerts
        self._holder = holder

    def load(self) -> Kept:
        """All that is not over."""
        return self._alerts.load()

    def commit(self, decided: Decided) -> None:
        """Everything of one turn; ConnectionError where another server has the duty by now."""
        self._alerts.commit(decided, self._holder)


def holder_of(data_dir: Path) -> str:
    """This server's name in the lease: it stays, so that a server killed and started again need
    not wait for itself. The data directory is one server's alone.
    """
    file = data_dir / "server.id"
    with suppress(FileNotFoundError):
        known = file.read_text("ascii").strip()
        if known:  # else the disk was full when it was to be written
            return known
    file.write_text(secrets.token_hex(8), "ascii")
    return holder_of(data_dir)

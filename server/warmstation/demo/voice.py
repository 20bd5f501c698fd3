"""Who tells the person at the terminal what happens, and when it is time to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from warmstation.demo.broker import DemoBroker
from warmstation.demo.options import Options

Asked = Callable[[], bool]
"""Says whether it is time to end."""


class Voice(Protocol):
    """Who tells the person at the terminal what happens."""

    def said(self, text: str) -> None:
        """One line."""
        ...

    def past(self, done: float) -> None:
        """The share of the history that is made, 0..1."""
        ...

    def up(self, options: Options, broker: DemoBroker, stations: int) -> None:
        """Everything is up."""
        ...

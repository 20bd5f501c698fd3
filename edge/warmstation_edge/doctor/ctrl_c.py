"""Ctrl-C is heard between two turns, where nothing is half done and no library catches it."""

from __future__ import annotations

import signal
import time
from types import FrameType


class CtrlC:
    """From its making on it has SIGINT. One that comes while another waits does not wait."""

    def __init__(self) -> None:
        self._came = False
        signal.signal(signal.SIGINT, self._note)

    def pause(self, seconds: float) -> None:
        """Sleep; KeyboardInterrupt afterwards where somebody wants to stop."""
        time.sleep(seconds)
        if self._came:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._came:
            raise KeyboardInterrupt
        self._came = True

"""A serial line that asks and listens, shared by the devices on it. pyserial is imported here only.

Whatever is left of an answer that came too late is thrown away before the next question, so that
nobody is taken for somebody else.
"""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock
from typing import Any

from warmstation_edge.errors import NoAnswer, NoLibrary

_SILENCE_S = 0.004
"""3.5 characters at 9,600 baud end a frame (Modbus over Serial Line V1.02, 2.5.1.1)."""


ANSWER_S = 0.3
"""A meter answers within 50 ms; who has not after this is absent."""


class SerialLine:
    """8N1. Opened at the first question, and anew after a failure (an adapter was unplugged)."""

    def __init__(self, port: Path, baud: int, answer_s: float = ANSWER_S) -> None:
        self._port = port
        self._baud = baud
        self._answer_s = answer_s
        self._lock = Lock()
        self._serial: Any = None

    def ask(self, question: bytes, longest: int) -> bytes:
        """What comes back within the time for an answer, at most `longest` bytes."""
        with self._lock:
            try:
                line = self._opened()
                line.reset_input_buffer()
                line.write(question)
                line.flush()
                answer: bytes = line.read(longest)
            except NoLibrary:
                raise
            except Exception as error:  # noqa: BLE001 - an adapter that is gone: termios.error is no OSError
                self._close()
                raise NoAnswer(f"{self._port}: {error}") from None
            time.sleep(_SILENCE_S)
            return answer

    def close(self) -> None:
        """Let go of the port; a line that hangs in its driver is left."""
        if self._lock.acquire(timeout=self._answer_s):
            try:
                self._close()
            finally:
                self._lock.release()

    def _close(self) -> None:
        if self._serial is not None:
            self._serial.close()
            self._serial = None

    def _opened(self) -> Any:
        if self._serial is None:
            try:
                import serial
            except ImportError:
                raise NoLibrary("pyserial") from None
            self._serial = serial.Serial(
                str(self._port), self._baud, timeout=self._answer_s, exclusive=True
            )
        return self._serial

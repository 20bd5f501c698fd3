"""PZEM-016 meters on a pseudo terminal, byte for byte: the far end of an RS-485 line.

Ships in the product, as `mock` does: the simulator and the tests drive it.
"""

from __future__ import annotations

import os
import threading
import tty
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

QUESTION_BYTES = 8
_REMEMBERED = 64


def crc(frame: bytes) -> bytes:
    """Modbus' CRC by its table-free definition, written apart from the one that it tries."""
    register = 0xFFFF
    for byte in frame:
        register ^= byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0xA001
    return bytes([register & 0xFF, register >> 8])


@dataclass
class Meter:
    """Ten input registers, and how it misbehaves: None = well."""

    volts: float = 229.6
    amperes: float = 1.25
    watts: float = 285.4
    energy_wh: int = 70_001
    answers_as: int | None = None
    spoils_crc: bool = False
    is_silent: bool = False
    cuts_to: int | None = None
    exception: int | None = None

    def registers(self) -> bytes:
        """As the manual lists them; of 32 bits the low word comes first."""
        milli, deci, wh = round(self.amperes * 1000), round(self.watts * 10), self.energy_wh
        words = (
            round(self.volts * 10),
            *(milli & 0xFFFF, milli >> 16),
            *(deci & 0xFFFF, deci >> 16),
            *(wh & 0xFFFF, wh >> 16),
            *(500, 98, 0),
        )
        return b"".join(word.to_bytes(2, "big") for word in words)

    def answer(self, slave: int, question: bytes) -> bytes:
        """What goes back for this question."""
        if self.is_silent:
            return b""
        name = bytes([slave if self.answers_as is None else self.answers_as])
        if self.exception is not None:
            frame = name + bytes([question[1] | 0x80, self.exception])
        else:
            body = self.registers()
            frame = name + bytes([question[1], len(body)]) + body
        checked = frame + crc(frame)
        if self.spoils_crc:
            checked = checked[:-1] + bytes([checked[-1] ^ 0xFF])
        return checked[: self.cuts_to]


class Line:
    """A line with meters by their address, until it is closed; `questions` were asked."""

    def __init__(self, meters: dict[int, Meter]) -> None:
        self.meters = meters
        self.questions: deque[bytes] = deque(maxlen=_REMEMBERED)
        self._dealt_with = threading.Semaphore(0)
        self._far, self._near = os.openpty()
        tty.setraw(self._far)
        tty.setraw(self._near)
        self.port = Path(os.ttyname(self._near))
        self._thread = threading.Thread(target=self._serve, name="meters", daemon=True)
        self._thread.start()

    def inject(self, stray: bytes) -> None:
        """Bytes that nobody asked for."""
        os.write(self._far, stray)

    def settle(self, timeout_s: float) -> bool:
        """Wait until one more question was answered, or left unanswered."""
        return self._dealt_with.acquire(timeout=timeout_s)

    def close(self) -> None:
        """Cut it."""
        os.close(self._near)
        self._thread.join(5)
        os.close(self._far)

    def _serve(self) -> None:
        """Answer until the line is cut."""
        while question := self._question():
            self.questions.append(question)
            meter = self.meters.get(question[0])
            if meter is not None and crc(question[:-2]) == question[-2:]:
                os.write(self._far, meter.answer(question[0], question))
            self._dealt_with.release()

    def _question(self) -> bytes:
        question = b""
        while len(question) < QUESTION_BYTES:
            try:
                more = os.read(self._far, QUESTION_BYTES - len(question))
            except OSError:  # Linux says EIO once nobody has the near end open
                return b""
            if not more:
                return b""
            question += more
        return question


@contextmanager
def line(meters: dict[int, Meter]) -> Iterator[Line]:
    """A line that is cut afterwards."""
    one = Line(meters)
    try:
        yield one
    finally:
        one.close()

"""PZEM-016 meters on a pseudo terminal, byte for byte: the far end of an RS-485 line."""

from __future__ import annotations

import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

QUESTION_BYTES = 8


def crc(frame: bytes) -> bytes:
    """Modbus' CRC by its table-free definition, written apart from the product's own."""
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


@dataclass
class Line:
    """A line with meters by their address; `questions` are those that were asked."""

    port: Path
    meters: dict[int, Meter]
    master: int
    questions: list[bytes] = field(default_factory=list)

    def serve(self) -> None:
        """Answer until the line is cut."""
        while True:
            try:
                question = self._question()
            except OSError:
                return
            if not question:
                return
            self.questions.append(question)
            meter = self.meters.get(question[0])
            if meter is not None and crc(question[:-2]) == question[-2:]:
                os.write(self.master, meter.answer(question[0], question))

    def inject(self, stray: bytes) -> None:
        """Bytes that nobody asked for."""
        os.write(self.master, stray)

    def _question(self) -> bytes:
        question = b""
        while len(question) < QUESTION_BYTES:
            more = os.read(self.master, QUESTION_BYTES - len(question))
            if not more:
                return b""
            question += more
        return question


@contextmanager
def line(meters: dict[int, Meter]) -> Iterator[Line]:
    """A pty with these meters at its far end."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    one = Line(Path(os.ttyname(slave)), meters, master)
    thread = threading.Thread(target=one.serve, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        os.close(slave)
        thread.join(5)
        os.close(master)

"""Modbus RTU as bytes: what goes out, and what may come back. Pure.

Modbus over Serial Line V1.02, 2.5.1 (frame) and 6.2.2 (CRC); Application Protocol V1.1b3, 6.4
(read input registers) and 7 (exceptions). `serial_line` carries it, `pzem016` asks with it.
"""

from __future__ import annotations

from warmstation_edge.errors import BadCrc, ForeignAnswer, NoAnswer

READ_INPUT = 0x04
_EXCEPTION = 0x80
SHORTEST = 5
"""Slave, function, code or count, CRC: the shortest answer, which is an exception."""


def crc16(frame: bytes) -> bytes:
    """The CRC of a frame, low byte first: 01 04 00 00 00 0a gives 70 0d."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


def read_input(slave: int, first: int, count: int) -> bytes:
    """The question for `count` input registers from `first` on."""
    frame = bytes([slave, READ_INPUT]) + first.to_bytes(2, "big") + count.to_bytes(2, "big")
    return frame + crc16(frame)


def answer_bytes(count: int) -> int:
    """How long the answer to `read_input` is."""
    return SHORTEST + 2 * count


def registers(answer: bytes, slave: int, count: int) -> list[int]:
    """The registers of an answer; NoAnswer, BadCrc, ForeignAnswer where it is none."""
    if not answer:
        raise NoAnswer(f"Modbus {slave}: no answer")
    if len(answer) < SHORTEST:
        raise BadCrc(f"Modbus {slave}: only {answer.hex(' ')} came")
    if crc16(answer[:-2]) != answer[-2:]:
        raise BadCrc(f"Modbus {slave}: the CRC of {answer.hex(' ')} does not fit")
    if answer[0] != slave:
        raise ForeignAnswer(f"Modbus {slave}: slave {answer[0]} answered")
    if answer[1] == READ_INPUT | _EXCEPTION:
        raise ForeignAnswer(f"Modbus {slave}: it refused with exception {answer[2]}")
    if answer[1] != READ_INPUT or answer[2] != 2 * count or len(answer) != answer_bytes(count):
        raise ForeignAnswer(f"Modbus {slave}: {answer.hex(' ')} answers another question")
    body = answer[3:-2]
    return [int.from_bytes(body[at : at + 2], "big") for at in range(0, 2 * count, 2)]

"""A part's fields as plain JSON values and back, exactly; for state of the diagnosis only.

Long lists of numbers are packed as little-endian doubles in base64: shorter than decimal digits
and bit for bit the same.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import fields
from typing import Any

from warmstation_server.diagnosis.errors import BadState

_PACKED_FROM = 4


def remembered(part: Any) -> list[Any]:
    """The fields of a dataclass in order; parts within parts are lists within lists."""
    return [_plain(getattr(part, field.name)) for field in fields(part)]


def recall(part: Any, memory: object) -> None:
    """Sets the fields of a fresh part to what `remembered` gave. Raises BadState."""
    names = [field.name for field in fields(part)]
    if not isinstance(memory, list) or len(memory) != len(names):
        raise BadState(f"{type(part).__name__}: {len(names)} values expected")
    for name, value in zip(names, memory, strict=True):
        current = getattr(part, name)
        if hasattr(current, "__dataclass_fields__"):
            recall(current, value)
        else:
            setattr(part, name, _unpacked(value))


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return remembered(value)
    if isinstance(value, list) and len(value) >= _PACKED_FROM:
        return "=" + base64.b64encode(struct.pack(f"<{len(value)}d", *value)).decode()
    return list(value) if isinstance(value, list) else value


def _unpacked(value: Any) -> Any:
    if not (isinstance(value, str) and value.startswith("=")):
        return value
    try:
        raw = base64.b64decode(value[1:], validate=True)
        return list(struct.unpack(f"<{len(raw) // 8}d", raw))
    except (binascii.Error, struct.error) as error:
        raise BadState("numbers are damaged") from error

"""A form that somebody sent, bounded, read once. For the door; pages read it from their visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

MAX_BYTES = 64 * 1024
MAX_FIELDS = 500


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name; what was not sent is empty, never an error."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str, most: int = 500) -> str:
        """What was written, without blanks around it, at most so many characters."""
        return self.fields.get(name, ("",))[-1].strip()[:most]

    def secret(self, name: str) -> str:
        """A password: exactly what was written."""
        return self.fields.get(name, ("",))[-1]

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be there several times."""
        return tuple(text.strip() for text in self.fields.get(name, ()) if text.strip())

    def whole(self, name: str) -> int | None:
        """A whole number of at most nine digits; None where it is not one."""
        text = self.text(name)
        digits = text.removeprefix("-")
        is_whole = digits.isascii() and digits.isdigit() and len(digits) <= 9
        return int(text) if is_whole else None

    def has(self, name: str) -> bool:
        """Whether a box was ticked or a button pressed."""
        return name in self.fields


async def read_form(request: Request) -> Form:
    """The urlencoded body; 413 where it is too large, 400 where it is none. JSON is left alone."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return Form()
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(413)
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except (ValueError, UnicodeDecodeError):
        raise HTTPException(400) from None
    return Form({name: _clean(values) for name, values in found.items()})


def _clean(values: list[str]) -> tuple[str, ...]:
    """Without control characters, which no field of ours has a use for."""
    return tuple(
        "".join(sign for sign in value.replace("\r\n", "\n") if sign.isprintable() or sign == "\n")
        for value in values
    )

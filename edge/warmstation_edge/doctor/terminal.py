"""Screen and keys over SSH: plain lines of at most 80 columns, the live value on the last one."""

from __future__ import annotations

import select
import sys
import unicodedata
from typing import TextIO

from warmstation_edge.doctor.step import Language, Step
from warmstation_wire.commissioning import Check

WIDTH = 79
_MARKS = {"pass": "OK  ", "fail": "FAIL", "skipped": "--  "}
_SKIP = {Language.CHINESE: "（回车键：跳过）", Language.ENGLISH: "(Enter: skip)"}


class Terminal:
    """Writes to `out` (stderr where stdout is for JSON); Enter skips a step."""

    def __init__(self, out: TextIO, language: Language, keys: TextIO | None = None) -> None:
        self._out = out
        self._language = language
        self._keys = sys.stdin if keys is None else keys
        self._is_alive = out.isatty()

    def ask(self, number: int, count: int, step: Step) -> None:
        """The question, with its number."""
        asked = step.name if step.asked is None else step.asked.said(self._language)
        hint = "" if step.asked is None else f" {_SKIP[self._language]}"
        self._line(f"[{number}/{count}] {asked}{hint}")

    def show(self, value: str, left_s: float) -> None:
        """The live value, on one line that is written over."""
        if self._is_alive:
            self._out.write(f"\r\x1b[K   {fitted(value, 60)}   {left_s:4.0f} s")
            self._out.flush()

    def is_skipped(self) -> bool:
        """Whether Enter was pressed."""
        if not self._is_alive:
            return False
        ready, _, _ = select.select([self._keys], [], [], 0)
        return bool(ready) and self._keys.readline() != ""

    def tell(self, check: Check) -> None:
        """The verdict, and below it the cause."""
        if self._is_alive:
            self._out.write("\r\x1b[K")
        self._line(f"   {_MARKS[check.verdict]} {check.name}  {check.live or ''}")
        if check.cause:
            self._line(f"        {check.cause}")

    def _line(self, text: str) -> None:
        for line in wrapped(text, WIDTH):
            self._out.write(f"{line}\n")
        self._out.flush()


def fitted(text: str, columns: int) -> str:
    """The text cut to these columns."""
    return wrapped(text, columns)[0]


def wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most these columns; a Chinese character takes two."""
    lines, line, used = [], "", 0
    for character in text:
        wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + wide > columns:
            lines.append(line)
            line, used = "        ", 8
        line += character
        used += wide
    return [*lines, line]

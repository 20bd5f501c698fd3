"""Screen and keys over SSH: plain lines of at most 80 columns, the live value on the last one."""

from __future__ import annotations

import select
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from warmstation_edge.doctor.step import Language, Step, Words
from warmstation_wire.commissioning import Check, Record

WIDTH = 79
_FURTHER = " " * 8
_ENDED = Words(
    "通过 {pass} 项，不通过 {fail} 项，未做 {skipped} 项",
    "{pass} passed, {fail} failed, {skipped} skipped",
)
_MARKS = {"pass": "OK  ", "fail": "FAIL", "skipped": "--  "}
_SEEN = {Language.CHINESE: "（看到请按回车键）", Language.ENGLISH: "(Enter: yes, I see it)"}
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
        key = _SEEN if step.is_by_eye else _SKIP
        hint = "" if step.asked is None else f" {key[self._language]}"
        self._line(f"[{number}/{count}] {asked}{hint}")

    def show(self, value: str, left_s: float) -> None:
        """The live value, on one line that is written over."""
        if self._is_alive:
            self._out.write(f"\r\x1b[K   {fitted(value, 60)}   {left_s:4.0f} s")
            self._out.flush()

    def clear(self) -> None:
        """The live value goes."""
        if self._is_alive:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def is_skipped(self) -> bool:
        """Whether Enter was pressed."""
        if not self._is_alive:
            return False
        ready, _, _ = select.select([self._keys], [], [], 0)
        return bool(ready) and self._keys.readline() != ""

    def tell(self, check: Check) -> None:
        """The verdict, and below it the cause."""
        self.clear()
        self._line(f"   {_MARKS[check.verdict]} {check.name}  {check.live or ''}")
        if check.cause:
            self._line(f"        {check.cause}")

    def close(self, record: Record, page: Path, kept_by: Words) -> None:
        """How it ended, and where it is written."""
        ends = Counter(check.verdict for check in record.checks)
        said = _ENDED.filled(**{end: ends[end] for end in ("pass", "fail", "skipped")})
        self._line("")
        for words in (said, Words(f"记录：{page}", f"record: {page}"), kept_by):
            self._line(words.said(self._language))

    def _line(self, text: str) -> None:
        for line in wrapped(text, WIDTH):
            self._out.write(f"{line}\n")
        self._out.flush()


def fitted(text: str, columns: int) -> str:
    """The text cut to these columns."""
    return wrapped(text, columns)[0]


def wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most these columns, broken between words; a Chinese character takes two."""
    lines, line = [], ""
    for word in _unbroken(text, columns - len(_FURTHER)):
        if _columns(line + word.rstrip()) > columns:
            lines.append(line.rstrip())
            line, word = _FURTHER, word.lstrip()
        line += word
    return [*lines, line]


def _unbroken(text: str, columns: int) -> Iterator[str]:
    """Words with what blanks follow them; Chinese has none, and what is too long is cut."""
    word = ""
    for character in text:
        is_too_long = _columns(word + character) > columns
        if is_too_long or (word and _may_break(word[-1], character)):
            yield word
            word = ""
        word += character
    yield word


def _may_break(before: str, after: str) -> bool:
    return _columns(before) > 1 or _columns(after) > 1 or before == " " != after


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)

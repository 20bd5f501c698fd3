"""The whole command on a real terminal of 80x24, as over SSH, in both languages."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROWS, COLUMNS = 24, 80
WITHIN_S = 120.0
PROFILE = """
[station]
id = "ks-a"
district = "kunshan"
[broker]
port = 1
[door]
outer_beam_pin = 17
inner_beam_pin = 27
contact_pin = 22
[staff]
button_pin = 13
led_pin = 19
"""
STEPS = ("door.beams", "door.contact", "staff.led", "staff.button")


class Screen:
    """A terminal with a program in it; `seen` is all that the program wrote."""

    def __init__(self, terminal: int, program: subprocess.Popen[bytes]) -> None:
        self._terminal = terminal
        self._text = codecs.getincrementaldecoder("utf-8")()  # a read may end within a character
        self.program = program
        self.seen = ""

    def until(self, text: str) -> None:
        """Read until this was written."""
        began = time.monotonic()
        while text not in self.seen:
            assert time.monotonic() - began < WITHIN_S, f"{text!r} never came: {self.seen[-500:]}"
            if not self._read(1.0):
                break
        assert text in self.seen

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def rest(self) -> None:
        """Read until the program ends."""
        while self._read(WITHIN_S):
            pass
        self.program.wait(WITHIN_S)

    def _read(self, patience_s: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], patience_s)
        if not ready:
            return self.program.poll() is None
        try:
            came = os.read(self._terminal, 65536)
        except OSError:  # Linux says EIO once the other side is closed
            return False
        self.seen += self._text.decode(came)
        return bool(came)


@contextmanager
def doctor(folder: Path, language: str) -> Iterator[Screen]:
    """The command in a terminal of its own, on mock pins."""
    config = folder / "station.toml"
    config.write_text(f'{PROFILE}[outbox]\npath = "{folder}/outbox.db"\n')
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    words = ("-m", "warmstation_edge", "doctor", "--config", str(config), "--language", language)
    program = subprocess.Popen(
        [sys.executable, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock", "TERM": "vt100", "LC_ALL": "C.UTF-8"},
    )
    os.close(theirs)
    try:
        yield Screen(ours, program)
    finally:
        program.kill()
        program.wait()
        os.close(ours)


def width(line: str) -> int:
    """Columns; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def shown(text: str) -> list[str]:
    """Everything that stood on one line at some moment."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return [part for line in plain.split("\n") for part in line.split("\r")]


@pytest.mark.parametrize(
    ("language", "asked", "verdicts"),
    [
        pytest.param(
            *("en", ("Walk through", "Open the door", "flashes", "Hold"), "-- "),
            marks=pytest.mark.slow,
        ),
        ("zh", ("请过门两次", "请把门打开", "正在快速闪烁", "请按住"), "-- "),
    ],
)
def test_every_step_goes_over_a_small_screen_and_enter_goes_on(
    tmp_path: Path, language: str, asked: tuple[str, ...], verdicts: str
) -> None:
    with doctor(tmp_path, language) as screen:
        for question in asked:
            screen.until(question)
            screen.type("\n")
        screen.rest()
        lines = shown(screen.seen)
        assert max(map(width, lines)) < COLUMNS, max(lines, key=width)
        for step in STEPS:
            mark = "OK" if step == "staff.led" else verdicts.strip()
            assert any(line.strip().startswith(mark) and step in line for line in lines), step
        assert any("broker" in line and "FAIL" in line for line in lines)
        assert "Traceback" not in screen.seen
        told = "".join(line.strip() for line in lines)
        assert f"{tmp_path}/commissioning-" in told, "it says where the record is"
        assert screen.program.returncode == 1
    assert list(tmp_path.glob("commissioning-*.html"))


def test_an_installer_who_stops_it_is_told_what_became_of_it(tmp_path: Path) -> None:
    with doctor(tmp_path, "en") as screen:
        screen.until("Walk through")
        screen.program.send_signal(signal.SIGINT)
        screen.rest()
        assert screen.program.returncode == 1
        assert "Traceback" not in screen.seen
        said = shown(screen.seen)
        assert any(line.startswith("stopped: there is no") for line in said), said[-20:]
    assert not list(tmp_path.glob("commissioning-*"))

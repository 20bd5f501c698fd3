"""Errors of the agent: each is Warmstation's own and the builtin that a caller expects."""

from __future__ import annotations

from pathlib import Path

from warmstation_wire import WarmstationError


class BadProfile(WarmstationError, ValueError):
    """A station profile that cannot be used: one sentence with file, line, key and what is
    allowed."""

    def __init__(self, path: Path, key: str, said: str, line: int | None = None) -> None:
        where = path if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {key}: {said}")
        self.path = path
        self.key = key


class NoBoard(WarmstationError, OSError):
    """This machine has no GPIO that gpiozero can drive."""


class NoLibrary(WarmstationError, ImportError):
    """A sensor needs a library that is not installed; the sentence says which and how."""

    def __init__(self, library: str) -> None:
        super().__init__(f"the library {library} is missing: install warmstation[pi]")


class NoAnswer(WarmstationError, OSError):
    """A device on a bus is silent."""


class BadCrc(WarmstationError, ValueError):
    """A device on a bus answered, and its check sum does not fit."""


class ForeignAnswer(WarmstationError, ValueError):
    """Another device answered than the one that was asked, or it answered something else."""

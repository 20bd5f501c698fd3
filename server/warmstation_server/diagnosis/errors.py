"""What the diagnosis refuses."""

from __future__ import annotations


class DiagnosisError(Exception):
    """Anything the diagnosis refuses."""


class BadConfig(DiagnosisError, ValueError):
    """A key of the heating's configuration has a value that is not allowed."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        super().__init__(f"{key}: {value!r} is not allowed; give {allowed}")
        self.key = key


class BadRecording(DiagnosisError, ValueError):
    """A recording cannot be read; the message names the line and what is expected."""


class BadState(DiagnosisError, ValueError):
    """A saved state does not belong to this version of the diagnosis."""

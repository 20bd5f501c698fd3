"""The commissioning record: what `warmstation-agent doctor` found when a station was put up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from warmstation_wire.parts import Id, Moment, Payload, Version

Verdict = Literal["pass", "fail", "skipped"]
Words = Annotated[str, Field(max_length=400)]


class Check(Payload):
    """One wire, or one thing that the station needs. `live` is the value that was seen last."""

    name: Annotated[str, Field(max_length=60)]
    verdict: Verdict
    live: Words | None = None
    cause: Words | None = None
    asked: Words | None = None


class Record(Payload):
    """All of it. `passed` means that nothing failed; what was skipped is in there by name."""

    v: Version = 1
    station: Id
    made_at: Moment
    agent: Annotated[str, Field(max_length=40)]
    installer: Annotated[str, Field(max_length=80)] | None = None
    checks: Annotated[tuple[Check, ...], Field(strict=False, max_length=200)]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(check.verdict != "fail" for check in self.checks)

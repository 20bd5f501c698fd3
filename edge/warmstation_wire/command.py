"""Commands to a station, each with an id and a deadline, and their results."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from warmstation_wire.parts import Moment, Name, Payload, Version

CommandName = Literal["identify", "zero-people", "open-contactor", "close-contactor"]
Outcome = Literal["done", "late", "unsafe", "unknown", "failed"]
CommandId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["c-20261121-1"])]


class Command(Payload):
    """Do this once before `deadline`; `point` names the charger for the contactor commands."""

    v: Version = 1
    id: CommandId
    command: CommandName
    deadline: Moment
    point: Name | None = None


class Result(Payload):
    """What became of a command. `late`: its deadline had passed. `unsafe`: refused for safety."""

    v: Version = 1
    id: CommandId
    outcome: Outcome
    at: Moment | None = None
    detail: Annotated[str, Field(max_length=200)] | None = None

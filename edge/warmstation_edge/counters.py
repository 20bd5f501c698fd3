"""What must outlive a restart of the agent, because the wire says that it only ever rises.

The sampler starts from Counters and hands them out; the outbox keeps them at an orderly stop, and
after any other end a new stream begins, in which they start at zero.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Counters(BaseModel):
    """Cumulative counts of a stream, and how far the number of people inside may be off.

    `inside` and `doubt` (persons) are a guess to go on from; the rest is exact.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    entered: Annotated[int, Field(ge=0)] = 0
    left: Annotated[int, Field(ge=0)] = 0
    inside: Annotated[int, Field(ge=0)] = 0
    doubt: Annotated[float, Field(ge=0)] = 0.0
    energy_wh: dict[str, Annotated[float, Field(ge=0)]] = {}

"""What must outlive a restart of the agent, because the wire says that it only ever rises.

The sampler starts from Counters and hands them out; the outbox keeps them at an orderly stop, and
after any other end a new stream begins, in which they start at zero.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

_log = logging.getLogger(__name__)


class Counters(BaseModel):
    """Cumulative counts of a stream, and how far the number of people inside may be off.

    `inside` and `doubt` (persons) are a guess to go on from; the rest is exact.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")

    entered: Annotated[int, Field(ge=0)] = 0
    left: Annotated[int, Field(ge=0)] = 0
    inside: Annotated[int, Field(ge=0)] = 0
    doubt: Annotated[float, Field(ge=0)] = 0.0
    energy_wh: dict[str, Annotated[float, Field(ge=0)]] = {}


def sound(counters: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What was kept of a run, unless the card has damaged it."""
    try:
        return None if counters is None or not Counters.model_validate(counters) else counters
    except ValueError as error:
        _log.error("the counters of the last run are damaged: %s", error)
        return None

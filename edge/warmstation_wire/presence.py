"""Whether an agent is connected; its offline form is the agent's last will."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from warmstation_wire.parts import Moment, Payload, Stream, Version


class Presence(Payload):
    """Connected or not, since when by the station's own clock, with which agent and stream."""

    v: Version = 1
    online: bool
    since: Moment | None = None
    agent: Annotated[str, Field(max_length=40)] | None = None
    stream: Stream | None = None

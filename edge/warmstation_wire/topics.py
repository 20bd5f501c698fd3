"""MQTT topics: `warmstation/v1/{district}/{station}/{leaf}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from warmstation_wire.errors import BadTopic

ROOT = "warmstation/v1"
_TOPIC = re.compile(
    r"warmstation/v1/([a-z0-9][a-z0-9-]{1,62})/([a-z0-9][a-z0-9-]{1,62})/([a-z]+)", re.ASCII
)


class Leaf(StrEnum):
    """The last level of a topic, which says what the payload is."""

    REPORT = "report"
    PRESENCE = "presence"
    RECEIPT = "receipt"
    DESIRED = "desired"
    APPLIED = "applied"
    COMMAND = "command"
    RESULT = "result"
    STATUS = "status"
    ALERT = "alert"


_LEAVES = {leaf.value: leaf for leaf in Leaf}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic taken apart."""

    district: str
    station: str
    leaf: Leaf

    def __str__(self) -> str:
        return f"{ROOT}/{self.district}/{self.station}/{self.leaf.value}"

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Take a topic apart; BadTopic where it is not one of ours."""
        found = _TOPIC.fullmatch(text)
        leaf = _LEAVES.get(found[3]) if found else None
        if found is None or leaf is None:
            raise BadTopic(text)
        return cls(found[1], found[2], leaf)


def every(leaf: Leaf, district: str = "+") -> str:
    """The filter for one leaf of all stations (of one district)."""
    return f"{ROOT}/{district}/+/{leaf.value}"

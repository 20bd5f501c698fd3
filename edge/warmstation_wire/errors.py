"""Errors of the contract, the root of every error that Warmstation raises."""

from __future__ import annotations

from enum import StrEnum


class WarmstationError(Exception):
    """Root of the project's own errors; its text is one sentence for the person who reads it."""


class Refusal(StrEnum):
    """Why a payload was refused: one reason each, fit for a counter's label."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    NOT_OBJECT = "not_object"
    VERSION = "version"
    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    INVALID = "invalid"
    TOPIC = "topic"
    STATION_MISMATCH = "station_mismatch"
    UNKNOWN_STATION = "unknown_station"


class BadPayload(WarmstationError, ValueError):
    """A payload that the contract refuses.

    `reason` is the one cause, `detail` says where in the payload and what was found.
    """

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


class BadTopic(BadPayload):
    """A topic that is not one of the contract's."""

    def __init__(self, topic: str) -> None:
        super().__init__(Refusal.TOPIC, f"not a topic of this contract: {topic[:200]!r}")

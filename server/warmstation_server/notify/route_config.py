"""The tables of notify.toml that say who is told: people, routes, and the operator."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from warmstation_server.hours import BadHours, Hours
from warmstation_server.notify.section import (
    Language,
    MailAddress,
    Name,
    Names,
    Section,
    span_of,
)
from warmstation_wire.alert import Severity, Tier

_DAYS = {"d": 1, "w": 7}


def _turn(value: Any) -> timedelta:
    text = value if isinstance(value, str) else ""
    if not (text[:-1].isdecimal() and text[-1:] in _DAYS and int(text[:-1])):
        raise ValueError('must be days or weeks such as "1d" or "1w"')
    return timedelta(days=int(text[:-1]) * _DAYS[text[-1]])


def _is_span(text: str | None) -> str | None:
    if text is not None:
        span_of(text)
    return text


def _are_hours(text: str | None) -> str | None:
    try:
        if text is not None:
            Hours(text)
    except BadHours as error:
        raise ValueError(f"must be hours such as Mo-Fr 08:00-18:00; PH off ({error})") from None
    return text


class ContactConfig(Section):
    """How a person is reached, under their login where they have an account.

    `mail`: their own address, for the mail channels among `channels`. `duty`: hours in which they
    can be told, in the syntax of opening hours. `language`: their account's where it is not given.
    """

    channels: Names
    mail: MailAddress | None = None
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    language: Language | None = None
    quiet: str | None = None
    duty: str | None = None

    _quiet = field_validator("quiet")(_is_span)
    _duty = field_validator("duty")(_are_hours)


class RouteConfig(Section):
    """Who answers for one tier; without `region` or `station`, of every place.

    Either `recipient` with `channels`, or `people`, who take turns of `turn` from `begins` on.
    """

    tier: Tier
    recipient: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    channels: Names | None = None
    people: Names | None = None
    turn: Annotated[timedelta, BeforeValidator(_turn)] = timedelta(days=7)
    begins: datetime | None = None
    region: str | None = None
    station: str | None = None
    min_severity: Severity = "notice"
    language: Language = "zh-CN"
    quiet: str | None = None
    duty: str | None = None

    _quiet = field_validator("quiet")(_is_span)
    _duty = field_validator("duty")(_are_hours)

    @model_validator(mode="after")
    def _who(self) -> Self:
        if self.people is None and (self.recipient is None or self.channels is None):
            raise ValueError("recipient and channels must be given, or people")
        if self.people is not None and (self.recipient or self.channels or self.duty or self.quiet):
            raise ValueError("recipient, channels, duty and quiet belong to the people it names")
        if self.people is not None and len(self.people) > 1 and self.begins is None:
            raise ValueError("begins must say when the first of the people took over")
        if self.region is not None and self.station is not None:
            raise ValueError("only one of region and station may be given")
        return self


class OperatorConfig(Section):
    """Who hears of messages that could not be delivered."""

    recipient: Annotated[str, Field(min_length=1, max_length=100)] = "operator"
    channels: Names
    language: Language = "zh-CN"


People = dict[Name, ContactConfig]

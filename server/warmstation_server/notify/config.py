"""notify.toml: channels, and who is told over them. `check(path)` gives a frozen NotifyConfig.

Secrets are named by file or environment, never written here, and never in what an error says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from warmstation_server.errors import BadConfig
from warmstation_server.notify.mention import ALL
from warmstation_server.notify.route_config import OperatorConfig, People, RouteConfig
from warmstation_server.notify.section import MailAddress, Name, Section
from warmstation_server.notify.sender import Flavour
from warmstation_server.notify.senders.smtp import Security

SecretPath = Annotated[Path, Field(strict=False)]
Network = IPv4Network | IPv6Network


def _network(text: object) -> Network:
    try:
        return ip_network(str(text))
    except ValueError:
        raise ValueError("must be a network such as 10.1.0.0/16") from None


AllowedNetwork = Annotated[Network, PlainValidator(_network)]


Mentioned = Annotated[str, Field(pattern=r"^[A-Za-z0-9._@+-]{1,64}$")]
_IS_NUMBER = re.compile(r"all|\+?[0-9-]{5,20}").fullmatch


class ChannelConfig(Section):
    """`per_minute`: messages in any minute; the vendor's own limit where it is not given."""

    per_minute: Annotated[int, Field(ge=2, le=6000)] | None = None
    fallback: Name | None = None


class HttpChannel(ChannelConfig):
    """The address is a secret too: who has a bot's address can speak in its name."""

    url_file: SecretPath | None = None
    url_env: str | None = None
    secret_file: SecretPath | None = None
    secret_env: str | None = None

    @model_validator(mode="after")
    def _sources(self) -> Self:
        if (self.url_file is None) == (self.url_env is None):
            raise ValueError("one of url_file and url_env must be given")
        if self.secret_file is not None and self.secret_env is not None:
            raise ValueError("only one of secret_file and secret_env may be given")
        return self


class BotChannel(HttpChannel):
    """A chat bot. `pictures`: a curve follows each call, and half as many messages may go.

    `mention`: who in the group is mentioned where it is critical, as the vendor calls them.
    """

    type: Literal["wecom", "dingtalk", "feishu"]
    format: Flavour = "markdown"
    pictures: bool = False
    mention: Annotated[tuple[Mentioned, ...], Field(strict=False, max_length=20)] = ()

    @model_validator(mode="after")
    def _unsigned(self) -> Self:
        if self.pictures and self.type != "wecom":
            raise ValueError("pictures: only wecom bots take one; the others want it uploaded")
        if self.type == "wecom" and (self.secret_file or self.secret_env):
            raise ValueError("a wecom bot has no secret but its address")
        if self.type == "wecom" and ALL in self.mention and self.format == "markdown":
            raise ValueError('mention: a wecom bot mentions "all" only with format = "plain"')
        if self.type == "dingtalk" and not all(map(_IS_NUMBER, self.mention)):
            raise ValueError('mention: dingtalk knows mobile numbers, or "all"')
        return self


class WebhookChannel(HttpChannel):
    """`allow`: networks, such as 10.1.0.0/16, that it may be in although they are not public."""

    type: Literal["webhook"]
    allow: Annotated[tuple[AllowedNetwork, ...], Field(strict=False)] = ()


class SmtpChannel(ChannelConfig):
    """Mail, by STARTTLS unless told otherwise."""

    type: Literal["smtp"]
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Security = "starttls"
    sender: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")]
    to: Annotated[
        tuple[MailAddress, ...],
        Field(strict=False, min_length=1),
    ]
    username: str | None = None
    password_file: SecretPath | None = None
    password_env: str | None = None
    ca_file: SecretPath | None = None

    @model_validator(mode="after")
    def _login(self) -> Self:
        given = sum(one is not None for one in (self.password_file, self.password_env))
        if given > 1:
            raise ValueError("only one of password_file and password_env may be given")
        if (self.username is None) != (given == 0):
            raise ValueError("username goes with password_file or password_env")
        if self.username is not None and self.security == "none":
            raise ValueError("a password needs security starttls or tls")
        return self


class AppriseChannel(ChannelConfig):
    """Any service that Apprise knows; its address is a secret. `allow`: as for a webhook."""

    type: Literal["apprise"]
    allow: Annotated[tuple[AllowedNetwork, ...], Field(strict=False)] = ()
    format: Flavour = "plain"
    url_file: SecretPath | None = None
    url_env: str | None = None

    @model_validator(mode="after")
    def _source(self) -> Self:
        if (self.url_file is None) == (self.url_env is None):
            raise ValueError("one of url_file and url_env must be given")
        return self


AnyChannel = Annotated[
    BotChannel | WebhookChannel | SmtpChannel | AppriseChannel, Field(discriminator="type")
]


class NotifyConfig(Section):
    """All of notify.toml."""

    channels: Annotated[dict[Name, AnyChannel], Field(min_length=1)]
    routes: Annotated[tuple[RouteConfig, ...], Field(strict=False)] = ()
    people: People = Field(default_factory=dict)
    operator: OperatorConfig | None = None
    group_wait_s: Annotated[int, Field(ge=0, le=300)] = 5

    @model_validator(mode="after")
    def _names(self) -> Self:
        if not self.routes and not self.people:
            raise ValueError("routes or people must say who is told")
        for number, route in enumerate(self.routes, 1):
            self._known(f"route {number}", route.channels or ())
            for person in route.people or ():
                if person not in self.people:
                    raise ValueError(f"route {number}: there is no [people.{person}]")
        for name, contact in self.people.items():
            self._known(f"people.{name}", contact.channels)
        if self.operator is not None:
            self._known("operator", self.operator.channels)
        for name, channel in self.channels.items():
            if channel.fallback is not None:
                self._known(f"channel {name}", (channel.fallback,))
            self._ends(name)
        return self

    @property
    def all_channels(self) -> dict[str, AnyChannel]:
        """Those of the file, and mail to each person's own address as `CHANNEL.PERSON`."""
        own: dict[str, AnyChannel] = {}
        for person, contact in self.people.items():
            for name in contact.channels:
                channel = self.channels[name]
                if isinstance(channel, SmtpChannel) and contact.mail is not None:
                    own[f"{name}.{person}"] = channel.model_copy(update={"to": (contact.mail,)})
        return {**self.channels, **own}

    def channel_for(self, person: str, channel: str) -> str:
        """The channel over which a person is reached: mail goes to their own address."""
        own = f"{channel}.{person}"
        return own if own in self.all_channels else channel

    def _known(self, who: str, names: tuple[str, ...]) -> None:
        for name in names:
            if name not in self.channels:
                known = ", ".join(sorted(self.channels))
                raise ValueError(f"{who} names channel {name}; there are only {known}")

    def _ends(self, name: str) -> None:
        seen: list[str] = []
        step: str | None = name
        while step is not None:
            if step in seen:
                raise ValueError(f"the fallbacks of channel {name} lead in a circle")
            seen.append(step)
            step = self.channels[step].fallback if step in self.channels else None


def check(path: Path) -> NotifyConfig:
    """Read and check notify.toml; BadConfig says which key is wrong and what it may be."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadConfig(f"{path}: is not TOML: it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: is not TOML: {error}") from None
    return parse(table, str(path))


def parse(table: Mapping[str, Any], name: str) -> NotifyConfig:
    """A table as NotifyConfig."""
    try:
        return NotifyConfig.model_validate(table)
    except ValidationError as error:
        raise BadConfig("; ".join(_sentences(name, error))) from None


def secret(
    key: str, file: Path | None, variable: str | None, root: Path, environment: Mapping[str, str]
) -> str | None:
    """A secret's value, None where none is configured. BadConfig names where it is missing."""
    if variable is not None:
        value = environment.get(variable, "").strip()
        if not value:
            raise BadConfig(f"{key}_env: the environment has no {variable}")
        return value
    if file is None:
        return None
    try:
        value = (root / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadConfig(f"{key}_file: {root / file} must be a readable text file") from None
    if not value or "\n" in value:
        raise BadConfig(f"{key}_file: {root / file} must hold one line")
    return value


def _sentences(name: str, error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [f"{name}: {_key(one['loc'])}: {_meaning(one['type'], one['msg'])}" for one in found]


def _key(where: tuple[int | str, ...]) -> str:
    """`channels.ops.port`; pydantic also names the kind of channel, which no file says."""
    kinds = {"wecom", "dingtalk", "feishu", "webhook", "smtp", "apprise"}
    parts = [
        str(p)
        for i, p in enumerate(where)
        if not (i == 2 and where[0] == "channels" and p in kinds)
    ]
    return ".".join(parts) or "the file"


def _meaning(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is not a key of this table"
    if kind == "missing":
        return "must be given"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return "type must be wecom, dingtalk, feishu, webhook, smtp or apprise"
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    return said[:1].lower() + said[1:]

"""Builds channels and routes from notify.toml. The server's composition calls this."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path
from random import Random
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from warmstation_server.accounts.person import Person
from warmstation_server.clock import Clock
from warmstation_server.errors import BadConfig
from warmstation_server.notify.batching import Limit
from warmstation_server.notify.channel import Channel
from warmstation_server.notify.config import (
    AnyChannel,
    AppriseChannel,
    BotChannel,
    NotifyConfig,
    SmtpChannel,
    WebhookChannel,
    check,
    secret,
)
from warmstation_server.notify.curve import Picture, nothing
from warmstation_server.notify.drain import Drain, Means, Outbox
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.hints import Hint, no_hint
from warmstation_server.notify.http import Http
from warmstation_server.notify.mention import room_for
from warmstation_server.notify.people import routes
from warmstation_server.notify.routes import Ancestors, Router
from warmstation_server.notify.sender import Sender
from warmstation_server.notify.senders import apprise, dingtalk, feishu, smtp, webhook, wecom
from warmstation_server.notify.template import Templates
from warmstation_server.notify.threads import Threads
from warmstation_server.places import Region, Station

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LIMITS = {
    "wecom": (wecom.PER_MINUTE, wecom.MAX_BYTES),
    "dingtalk": (dingtalk.PER_MINUTE, dingtalk.MAX_BYTES),
    "feishu": (feishu.PER_MINUTE, feishu.MAX_BYTES),
    "webhook": (webhook.PER_MINUTE, webhook.MAX_BYTES),
    "smtp": (smtp.PER_MINUTE, smtp.MAX_BYTES),
    "apprise": (apprise.PER_MINUTE, apprise.MAX_BYTES),
}


class Places(Protocol):
    """Regions and stations, read anew whenever they are needed."""

    @property
    def regions(self) -> Mapping[str, Region]:
        """All regions, by id."""
        ...

    @property
    def stations(self) -> Mapping[str, Station]:
        """All stations, by id."""
        ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """What messages need to know of the server that sends them."""

    base_url: str
    zone: tzinfo
    places: Places
    people: Callable[[], Iterable[Person]] = tuple
    picture: Picture = nothing
    hint: Hint = no_hint


Secret = Callable[[str, Path | None, str | None], str | None]


def drain_for(
    path: Path,
    outbox: Outbox,
    deployment: Deployment,
    clock: Clock,
    count: Callable[[str, int], None],
) -> Drain:
    """The drain of notify.toml at `path`; BadConfig with one sentence where it cannot be."""
    config, places = check(path), deployment.places

    def registered(station: str) -> Station | None:
        return places.stations.get(station)

    means = Means(
        outbox=outbox,
        channels=channels(config, path.parent, os.environ, clock, deployment.picture),
        router=lambda: router(config, deployment.people(), places.regions, deployment.zone),
        templates=Templates(deployment.base_url, deployment.zone, registered, deployment.hint),
        executor=Threads(),
        clock=clock,
        rng=Random(),  # noqa: S311 - spreads attempts in time, keeps no secret
        owner=uuid4().hex,
        count=count,
    )
    return Drain(means)


def channels(
    config: NotifyConfig,
    root: Path,
    environment: Mapping[str, str],
    clock: Clock,
    picture: Picture = nothing,
) -> dict[str, Channel]:
    """Every channel, with its secrets read; relative files count from `root`."""
    found = {}
    for name, one in config.all_channels.items():

        def read(key: str, file: Path | None, variable: str | None, name: str = name) -> str | None:
            return secret(f"channels.{name}.{key}", file, variable, root, environment)

        per_minute, max_bytes = _LIMITS[one.type]
        per_minute = one.per_minute or per_minute
        if isinstance(one, BotChannel) and one.pictures:
            per_minute = max(2, per_minute // 2)  # a picture is a message too
        if isinstance(one, BotChannel):
            max_bytes -= room_for(one.mention)
        found[name] = Channel(
            name=name,
            sender=_sender(name, one, read, root, clock, picture),
            limit=Limit(per_minute),
            max_bytes=max_bytes,
            flavour=one.format if isinstance(one, BotChannel | AppriseChannel) else "plain",
            fallback=one.fallback,
        )
    return found


def router(
    config: NotifyConfig, people: Iterable[Person], regions: Mapping[str, Region], zone: tzinfo
) -> Router:
    """Routes of people and of the operator, as things are now."""
    wait = timedelta(seconds=config.group_wait_s)
    return Router(routes(config, people, regions, zone), ancestors_in(regions), zone, wait)


def ancestors_in(regions: Mapping[str, Region]) -> Ancestors:
    """From a region up to the root; a region that is not known has only itself."""

    def above(region_id: str) -> tuple[str, ...]:
        chain: list[str] = []
        step: str | None = region_id
        while step is not None and step not in chain:
            chain.append(step)
            known = regions.get(step)
            step = None if known is None else known.parent_id
        return tuple(chain)

    return above


def _sender(
    name: str,
    one: AnyChannel,
    read: Secret,
    root: Path,
    clock: Clock,
    picture: Picture,
) -> Sender:
    if isinstance(one, SmtpChannel):
        return mail_sender(name, one, read, root, clock, picture)
    if isinstance(one, AppriseChannel):
        address = read("url", one.url_file, one.url_env) or ""
        return apprise.sender(name, address, Guard(one.allow))
    url = read("url", one.url_file, one.url_env) or ""
    key = read("secret", one.secret_file, one.secret_env)
    if isinstance(one, WebhookChannel):
        _check_url(name, url, is_bot=False)
        return webhook.Webhook(url, key, Http(Guard(one.allow)), clock)
    _check_url(name, url, is_bot=True)
    http = Http(Guard(allowed=None))
    if one.type == "wecom":
        return wecom.WeComBot(url, http, picture if one.pictures else nothing, one.mention)
    bot = dingtalk.DingTalkBot if one.type == "dingtalk" else feishu.FeishuBot
    return bot(url, key, http, clock, one.mention)


def mail_sender(
    name: str,
    one: SmtpChannel,
    read: Secret,
    root: Path,
    clock: Clock,
    picture: Picture = nothing,
) -> smtp.SmtpSender:
    """Sends over this channel; BadConfig where its secrets or certificates cannot be read."""
    mailbox = smtp.Mailbox(
        host=one.host,
        port=one.port,
        security=one.security,
        sender=one.sender,
        to=one.to,
        username=one.username,
        password=read("password", one.password_file, one.password_env),
    )
    if one.ca_file is None:
        return smtp.SmtpSender(mailbox, clock, picture=picture)
    try:
        tls = ssl.create_default_context(cafile=root / one.ca_file)
    except OSError:
        raise BadConfig(
            f"channels.{name}.ca_file: must be a readable file of certificates"
        ) from None
    return smtp.SmtpSender(mailbox, clock, tls, picture=picture)


def _check_url(name: str, url: str, *, is_bot: bool) -> None:
    """The address itself is never said: it holds the bot's key."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        parts, port = urlsplit(""), 0
    is_local = parts.hostname in _LOOPBACK
    schemes = ("https", "http") if is_local or not is_bot else ("https",)
    is_plain = url.isascii() and url.isprintable() and " " not in url and parts.username is None
    if parts.scheme not in schemes or not parts.hostname or not port or not is_plain:
        raise BadConfig(f"channels.{name}: its url must be an {' or '.join(schemes)} address")
